// What the cluster suite prints when the API server refuses something.
import { assert, describe } from '../../../test/spec.ts'
import { refusal } from './refusal.ts'

const rendered = `# Generated from apps/models/m.yaml by npm run synth; do not edit.
apiVersion: v1
kind: Service
metadata:
  name: m
  namespace: models
spec:
  ports:
    - name: http
      port: 99999
`

const files: Record<string, string> = {
  'rendered/service-m.yaml': rendered,
  'apps/models/m.yaml': 'model: a/b\nport: 99999\n',
  'rendered/broken.yaml': 'kind: [\n',
}
const said = (path: string, message: string): string => refusal(path, message, (one) => files[one] ?? '')

describe('a refusal of the API server', (test) => {
  test('names the object, the line of the rendered file and the line of the source that holds the value', () => {
    assert.is(
      said(
        'rendered/service-m.yaml',
        'Service "m" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535',
      ),
      `rendered/service-m.yaml:10:13 Service models/m
  Service "m" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535
  made from apps/models/m.yaml:2:7`,
    )
  })

  test('of several fields points to the first of them', () => {
    const words = 'Invalid value: 99999: must be between 1 and 65535, inclusive'
    assert.match(
      said(
        'rendered/service-m.yaml',
        `"m" is invalid: [spec.ports[0].port: ${words}, spec.ports[0].targetPort: ${words}]`,
      ),
      'rendered/service-m.yaml:10:13 Service models/m',
    )
  })

  test('of a field that is not there points to its parent, and to the source as a whole', () => {
    const text = said('rendered/service-m.yaml', 'strict decoding error: unknown field "spec.portz"')
    assert.match(text, 'rendered/service-m.yaml:8:3 Service models/m')
    assert.ok(text.endsWith('made from apps/models/m.yaml'), text)
  })

  test('without a field points to the beginning of the file', () => {
    assert.match(said('rendered/service-m.yaml', 'namespaces "models" not found'), 'rendered/service-m.yaml:2:1')
  })

  test('of a file that cannot be read still has the words', () => {
    assert.match(
      said('rendered/broken.yaml', 'did not find expected node content'),
      /broken.yaml:1:1 an object.*\n {2}did/,
    )
  })
})
