// Rules about an issuer that only the private network reaches.
import { X509Certificate } from 'node:crypto'
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import { addressRange, isPrivate, privateRanges } from '../schema/network.ts'
import { issuerKinds } from '../schema/oidc.ts'
import type { Findings } from './findings.ts'

const place = ['oidc', 'private']

/** Those that somebody may run at home. */
const ownKinds = ['generic', 'keycloak']

export function checkPrivateIssuer({ oidc, monitoring }: Cluster, file: SourceFile, findings: Findings): void {
  const inside = oidc.private
  if (inside === undefined) return
  if (!ownKinds.includes(oidc.kind)) {
    const message = `${issuerKinds[oidc.kind].title} answers on the internet`
    findings.add('ISSUER_PRIVATE', file.position(place, 'key'), message, 'leave private out')
  }
  for (const [index, cidr] of inside.cidrs.entries()) checkAddresses(cidr, [...place, 'cidrs', index], file, findings)
  if (inside.certificateAuthority !== undefined) checkAuthority(inside.certificateAuthority, file, findings)
  if (monitoring.canary !== undefined) {
    const message = 'EventBridge gets the canary’s token from outside, where this issuer does not answer'
    findings.add(
      'ISSUER_PRIVATE',
      file.position(['monitoring', 'canary'], 'key'),
      message,
      'leave canary out: it then asks without a token',
    )
  }
}

function checkAddresses(cidr: string, pointer: (string | number)[], file: SourceFile, findings: Findings): void {
  const aligned = addressRange(cidr)?.aligned
  if (aligned !== cidr) {
    const hint = aligned === undefined ? 'four numbers up to 255, then /0 to /32' : `did you mean ${aligned}?`
    findings.add('CIDR_INVALID', file.position(pointer), `${cidr} is not the beginning of a range`, hint)
  } else if (!isPrivate(cidr))
    findings.add(
      'ISSUER_PRIVATE',
      file.position(pointer),
      `${cidr} is not in a private range`,
      `write the addresses that the issuer’s name has inside, in ${privateRanges.join(', ')}`,
    )
}

function checkAuthority(pem: string, file: SourceFile, findings: Findings): void {
  const pointer = [...place, 'certificateAuthority']
  const certificates = pem.match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  for (const [index, text] of certificates.entries()) {
    const which = certificates.length === 1 ? 'the certificate' : `certificate ${index + 1}`
    const found = read(text)
    if (found === undefined)
      findings.add(
        'ISSUER_PRIVATE',
        file.position(pointer),
        `${which} cannot be read`,
        'copy all of it, both dashed lines included',
      )
    else if (!found.ca)
      findings.add(
        'ISSUER_PRIVATE',
        file.position(pointer),
        `${which} is of ${found.subject.replaceAll('\n', ', ')}, which is no authority`,
        'the certificate of the authority that signed the issuer’s',
      )
  }
}

function read(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}
