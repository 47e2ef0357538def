// What the cycle needs beside npm packages: the Pulumi CLI with its plugin for AWS, and a Python for the AWS that answers.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonEnvironment } from '../../../test/python-environment.ts'

export interface Material {
  /** A folder with `bin/pulumi` and `plugins/`; undefined: the CLI that is on PATH, with plugins of its own. */
  pulumiHome: string | undefined
  python: string
}

/** Whether a plugin makes resources of a type. One in place of Pulumi’s own may not: its program has the name of each that it makes. */
export function makes({ pulumiHome }: Material, type: string): boolean {
  if (pulumiHome === undefined) return true
  const [plugin] = globSync(join(pulumiHome, 'plugins/resource-aws-v*/pulumi-resource-aws'))
  return plugin === undefined || readFileSync(plugin).includes(type)
}

/** The material, or why there is none. */
export async function findMaterial(): Promise<Material | { missing: string }> {
  const pulumiHome = process.env.SLIPWAY_AWS
  const cli = pulumiHome === undefined ? 'pulumi' : join(pulumiHome, 'bin/pulumi')
  const { error } = spawnSync(cli, ['version'], { timeout: 60_000 })
  if (error !== undefined)
    return {
      missing: pulumiHome === undefined ? 'SLIPWAY_AWS is not set, and no pulumi is on PATH' : `${cli} cannot be run`,
    }
  const found = await pythonEnvironment(join(import.meta.dirname, 'aws/requirements.txt'))
  return 'missing' in found ? found : { pulumiHome, python: found.python }
}
