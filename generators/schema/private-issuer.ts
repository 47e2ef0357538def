// The part of a cluster file that says where an issuer of tokens is that the internet does not reach.
import Type from 'typebox'
import { cidr, strict } from './fields.ts'

const block = '-----BEGIN CERTIFICATE-----\\n([A-Za-z0-9+/=]+\\n)+-----END CERTIFICATE-----\\n?'

export const privateIssuerSchema = Type.Optional(
  strict(
    {
      cidrs: Type.Array(cidr('Addresses of the issuer, as pods see them.'), {
        minItems: 1,
        maxItems: 10,
        uniqueItems: true,
        description:
          'Where it is: the gateway may open connections to these addresses, at the port of its key set, and to no others.',
        examples: [['10.20.30.0/28']],
      }),
      certificateAuthority: Type.Optional(
        Type.String({
          pattern: `^(${block})+$`,
          maxLength: 65_536,
          description:
            'Certificates of the private authority that signed its certificate, as PEM. Never a key. Default: an authority that every client knows.',
        }),
      ),
    },
    {
      description:
        'The issuer answers in the private network alone. The HTTP API cannot ask it, so it lets every request through to the gateway, which checks tokens on both lanes.',
    },
  ),
)

/** Port of the key set. */
export const issuerPort = (jwksUri: string): number => Number(new URL(jwksUri).port || 443)
