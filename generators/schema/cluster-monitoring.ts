// The sections of the cluster file about what watches a platform: alarms, budget, logs, canary; and where traces go.

import Type from 'typebox'
import { clusterDefaults } from './cluster-defaults.ts'
import { byEnvironment } from './environments.ts'
import { httpsAddress, httpsForm, httpsOrigin, portNumber, strict } from './fields.ts'

/** The only numbers of days for which CloudWatch keeps a log group (CloudWatch Logs API, PutRetentionPolicy, read 2026-11-30). */
export const logRetentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const

export const monitoringSchema = Type.Optional(
  strict(
    {
      emails: Type.Optional(
        Type.Array(Type.String({ pattern: '^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$' }), {
          uniqueItems: true,
          description: 'Who gets alarms by mail; each address confirms once. Default nobody: subscribe to the topics.',
          examples: [['on-call@example.com']],
        }),
      ),
      monthlyUsd: Type.Optional(
        Type.Integer({
          minimum: 1,
          description: `Budget of a month in $; at 80 and 100 % the alarm topic is notified. Default ${byEnvironment('monthlyUsd')}.`,
        }),
      ),
      logRetentionDays: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 3653,
          description: `Days for which every log is kept: control plane, pods, edge, HTTP API, load balancer, firewalls, network. Default ${byEnvironment('logRetentionDays')}; audits often want 365.`,
          examples: [365],
        }),
      ),
      canary: Type.Optional(
        strict(
          {
            tokenUrl: Type.String({
              pattern: `^${httpsAddress}$`,
              form: httpsForm,
              description: 'Token endpoint of the issuer.',
              examples: ['https://example.auth.us-east-1.amazoncognito.com/oauth2/token'],
            }),
            clientId: Type.String({
              minLength: 1,
              description: 'Client of a tenant; its secret is the stack’s setting `canaryClientSecret`.',
            }),
          },
          { description: 'With which client the canary gets a token; default it asks without one.' },
        ),
      ),
    },
    { description: 'Alarms and budget.' },
  ),
)

/** A Service of the cluster, or an address outside by HTTPS; without a path. */
const otlpAddress = `http://[a-z0-9-]+\\.[a-z0-9-]+\\.svc(\\.cluster\\.local)?:${portNumber}|${httpsOrigin}`

const otlpForm = 'http://SERVICE.NAMESPACE.svc:PORT or https://HOST, with a port up to 65535 and without a path'

export const telemetrySchema = Type.Optional(
  strict(
    {
      collector: Type.Optional(
        Type.String({
          pattern: `^(xray|${otlpAddress})$`,
          form: `xray, or ${otlpForm}`,
          description:
            'Installs the add-on opentelemetry-collector, to which gateway and engines send, and says where it passes spans on: xray, a Service of the cluster, or an address outside by HTTPS, without /v1/traces. See docs/traces.md.',
          examples: ['xray', 'https://otlp.example.com'],
        }),
      ),
      otlpEndpoint: Type.Optional(
        Type.String({
          pattern: `^(${otlpAddress})$`,
          form: otlpForm,
          description:
            'Instead: a collector of your own that takes traces as OTLP over HTTP, without /v1/traces: a Service of the cluster, or an address outside by HTTPS.',
          examples: ['http://collector.monitoring.svc:4318'],
        }),
      ),
      engines: Type.Optional(
        Type.Boolean({
          description: `Engines send spans too, where their version can; default ${clusterDefaults.telemetry.engines}. It rolls them.`,
        }),
      ),
    },
    { description: 'Where traces go; default nowhere. How many: traceSampleRatio of apps/gateway.yaml.' },
  ),
)
