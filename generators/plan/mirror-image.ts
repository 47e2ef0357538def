// An image from the registry that a cluster has instead: under its own name, without the host that it comes from.
import type { Image, Images } from '../schema/gateway.ts'

export const mirrorImage = (image: Image, mirror: string | undefined): Image =>
  mirror === undefined ? image : { ...image, repository: `${mirror}/${image.repository.split('/').slice(1).join('/')}` }

export const mirrorImages = (images: Images, mirror: string | undefined): Images => ({
  gateway: mirrorImage(images.gateway, mirror),
  modelServer: mirrorImage(images.modelServer, mirror),
})
