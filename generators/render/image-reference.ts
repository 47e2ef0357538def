// How an image is written: by digest when it is known; the tag stays readable beside it.
import type { Image } from '../schema/gateway.ts'

export const imageReference = ({ repository, tag, digest }: Image): string =>
  digest === undefined ? `${repository}:${tag}` : `${repository}:${tag}@${digest}`
