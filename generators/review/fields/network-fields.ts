// What a change of the fields about network and EKS cluster means: those that the platform makes, and those that were there.
import { changes, type FieldTable, list, none, section, within } from './row.ts'

export const networkFields: FieldTable = {
  'network.vpcCidr': changes('caution', 'the VPC is made anew, and the cluster with it.'),
  'network.zones': within('network.zoneIds'),
  'network.zoneIds': list({
    added: ['warning', 'system nodes and VPC link are replaced, new before old.'],
    removed: ['caution', 'what is in the zone goes: subnets, nodes, addresses.'],
  }),
  'network.existing': section({
    added: ['caution', 'the cluster is made anew in that VPC, and the one that the platform made goes.'],
    removed: ['caution', 'the cluster is made anew in a VPC of its own.'],
    changed: [
      'caution',
      'nodes, load balancer or control plane move to other subnets; another VPC makes the cluster anew.',
    ],
  }),
  'network.existing.vpcId': within('network.existing'),
  'network.existing.cidr': within('network.existing'),
  'network.existing.subnets.private': within('network.existing'),
  'network.existing.subnets.private[].id': within('network.existing'),
  'network.existing.subnets.private[].cidr': within('network.existing'),
  'network.existing.subnets.loadBalancer': within('network.existing'),
  'network.existing.subnets.loadBalancer[].id': within('network.existing'),
  'network.existing.subnets.loadBalancer[].cidr': within('network.existing'),
  'network.existing.subnets.controlPlane': within('network.existing'),
  'network.existing.subnets.controlPlane[].id': within('network.existing'),
  'network.existing.subnets.controlPlane[].cidr': within('network.existing'),
  'kubernetes.existing': section({
    added: [
      'caution',
      'the EKS cluster that the platform made goes with all that runs in it, and everything is set up in the one that is named.',
    ],
    removed: ['caution', 'an EKS cluster is made, and nothing that runs in the one that was there moves along.'],
    changed: [
      'caution',
      'what is looked up and named of the EKS cluster changes: a wrong value cuts nodes or pods off.',
    ],
  }),
  'kubernetes.existing.version': changes(
    'warning',
    'the EKS cluster has that version: its owner has upgraded it, or the preview ends.',
  ),
  'kubernetes.existing.securityGroup': within('kubernetes.existing'),
  'kubernetes.existing.nodeGroup': within('kubernetes.existing'),
  'kubernetes.existing.serviceCidr': within('kubernetes.existing'),
  'network.reservedCidrs': none('only checked by synth against the range of the VPC'),
}
