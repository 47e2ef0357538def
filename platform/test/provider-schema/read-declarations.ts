// Reads the provider’s inputs from the declarations of @pulumi/aws, which are made from the schema of the very provider that is run.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Fields, ProviderSchema, Shape } from './input-problems.ts'

/** @param types tokens such as `aws:ec2/subnet:Subnet`; @param folder where the package is */
export function readDeclarations(folder: string, types: readonly string[]): ProviderSchema {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const nested = interfacesOf(join(folder, 'types/input.d.ts'))
  const objects: Record<string, Fields> = {}
  const wanted: string[] = []
  const refer = (name: string): Shape => {
    wanted.push(name)
    return `@${name}`
  }
  for (const type of types.toSorted()) {
    const [, path = '', name = ''] = type.split(':')
    const args = interfacesOf(join(folder, `${path}.d.ts`)).get(`${name}Args`)
    if (args === undefined) throw new Error(`${folder}/${path}.d.ts has no ${name}Args`)
    objects[type] = fieldsOf(args, refer)
  }
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (objects[name] !== undefined) continue
    const found = nested.get(name)
    if (found === undefined) throw new Error(`types/input.d.ts has no ${name}`)
    objects[name] = fieldsOf(found, refer)
  }
  const sorted = Object.entries(objects).sort(([one], [other]) => (one < other ? -1 : 1))
  return { version, objects: Object.fromEntries(sorted) }
}

/** Interfaces of a file by name, with the namespace before a dot. */
function interfacesOf(path: string): Map<string, ts.InterfaceDeclaration> {
  const found = new Map<string, ts.InterfaceDeclaration>()
  const visit = (node: ts.Node, namespace: string): void => {
    if (ts.isInterfaceDeclaration(node)) found.set(`${namespace}${node.name.text}`, node)
    else if (ts.isModuleDeclaration(node))
      ts.forEachChild(node, (child) => visit(child, `${namespace}${node.name.text}.`))
    else if (ts.isModuleBlock(node) || ts.isSourceFile(node)) ts.forEachChild(node, (child) => visit(child, namespace))
  }
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest), '')
  return found
}

function fieldsOf(declaration: ts.InterfaceDeclaration, refer: (name: string) => Shape): Fields {
  const members = declaration.members.filter(ts.isPropertySignature).map((member) => ({
    name: (member.name as ts.Identifier).text,
    required: member.questionToken === undefined,
    shape: shapeOf(member.type, refer),
  }))
  return {
    fields: Object.fromEntries(members.map(({ name, shape }) => [name, shape])),
    required: members.filter(({ required }) => required).map(({ name }) => name),
  }
}

function shapeOf(type: ts.TypeNode | undefined, refer: (name: string) => Shape): Shape {
  if (type === undefined) return 'any'
  if (ts.isParenthesizedTypeNode(type)) return shapeOf(type.type, refer)
  if (ts.isArrayTypeNode(type)) return { list: shapeOf(type.elementType, refer) }
  if (ts.isUnionTypeNode(type)) {
    const parts = type.types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword)
    const shapes = parts.map((part) => shapeOf(part, refer))
    return shapes.length === 1 ? (shapes[0] ?? 'any') : { either: shapes }
  }
  if (ts.isTypeLiteralNode(type)) {
    const [index] = type.members.filter(ts.isIndexSignatureDeclaration)
    return { map: shapeOf(index?.type, refer) }
  }
  if (ts.isTypeReferenceNode(type)) return shapeOfName(type, refer)
  return keywords[type.kind] ?? 'any'
}

const keywords: Partial<Record<ts.SyntaxKind, Shape>> = {
  [ts.SyntaxKind.StringKeyword]: 'string',
  [ts.SyntaxKind.NumberKeyword]: 'number',
  [ts.SyntaxKind.BooleanKeyword]: 'boolean',
}

function shapeOfName(type: ts.TypeReferenceNode, refer: (name: string) => Shape): Shape {
  const name = entityName(type.typeName)
  if (name === 'pulumi.Input') return shapeOf(type.typeArguments?.[0], refer)
  if (name.startsWith('inputs.')) return refer(name.slice('inputs.'.length))
  // ARNs, names of regions, values of enumerations.
  return 'string'
}

const entityName = (name: ts.EntityName): string =>
  ts.isIdentifier(name) ? name.text : `${entityName(name.left)}.${name.right.text}`
