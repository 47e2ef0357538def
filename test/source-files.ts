// Reads the TypeScript of the repository for tests about its structure: who imports whom, and how large things are.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import ts from 'typescript'

export const root = join(import.meta.dirname, '..')

export interface SourceImports {
  /** Relative to the root. */
  file: string
  text: string
  /** Files imported by value, relative to the root; types are free. */
  values: string[]
  /** Packages and node: modules imported by value. */
  packages: string[]
}

const folders = ['generators', 'gateway', 'model-server', 'local', 'platform', 'bench', 'test', '.github']

export const typescriptFiles = (): string[] =>
  globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root, exclude: ['**/node_modules/**'] },
  )
    .map((file) => file.replaceAll('\\', '/'))
    .sort()

export function readImports(file: string): SourceImports {
  const text = readFileSync(join(root, file), 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && hasValue(node.importClause)) names.push(literal(node.moduleSpecifier))
    if (ts.isExportDeclaration(node) && !node.isTypeOnly && node.moduleSpecifier)
      names.push(literal(node.moduleSpecifier))
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0]) {
      names.push(literal(node.arguments[0]))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  const relative = names.filter((name) => name.startsWith('.'))
  return {
    file,
    text,
    values: relative.map((name) => posix.join(dirname(file), name)),
    packages: names.filter((name) => !name.startsWith('.')),
  }
}

/** The names in each object literal of a file. */
export function propertiesOfLiterals(file: string, text: string): Set<string>[] {
  const found: Set<string>[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node))
      found.push(new Set(node.properties.flatMap(({ name }) => (name && ts.isIdentifier(name) ? [name.text] : []))))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
  return found
}

const literal = (node: ts.Node): string => (ts.isStringLiteral(node) ? node.text : '')

function hasValue(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return true
  if (clause.isTypeOnly) return false
  if (clause.name !== undefined || clause.namedBindings === undefined) return true
  if (ts.isNamespaceImport(clause.namedBindings)) return true
  return clause.namedBindings.elements.some((element) => !element.isTypeOnly)
}
