// A diagnostic about one model in one cluster, placed at the field that is meant.
import { type Code, codes } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Pointer } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import { fieldPointer } from '../schema/field-pointer.ts'
import type { ModelFile } from '../schema/model.ts'
import type { ValidModel } from '../validate/repository.ts'

export function modelProblem(
  model: ValidModel,
  cluster: Cluster,
  code: Code,
  field: Pointer,
  message: string,
  hint: string,
): Diagnostic {
  const pointer = fieldPointer(model.source.value as ModelFile, cluster.name, field)
  return {
    code,
    level: codes[code].level,
    position: model.source.position(pointer, 'value'),
    message,
    hint,
    clusters: [cluster.name],
  }
}
