// Wrong turns of a person on call, as docs/operations/README.md has them: what a program says then, and how to make it say so.

export interface WrongTurn {
  /** Words of the table. */
  says: string
  script: string
  /** sources: a copy of the tree; cluster: a folder before a control plane; account: this repository, with Pulumi and an AWS; FOLDER is empty. */
  in: 'sources' | 'cluster' | 'account'
}

/** An AWS CLI whose credentials ended, and a context that asks it. */
const ended = `printf '#!/bin/sh\\nexit 255\\n' > aws && chmod +x aws && export PATH="$PWD:$PATH" KUBECONFIG=ended
kubectl config set-cluster c --server=https://127.0.0.1:1
kubectl config set-credentials u --exec-command=aws --exec-api-version=client.authentication.k8s.io/v1beta1
kubectl config set-context c --cluster=c --user=u
kubectl --context=c get nodes`

/** A certificate of the kubeconfig would go before it. */
const nobodysToken = `kubectl config view --raw > nobody && export KUBECONFIG=nobody
kubectl config unset users
kubectl --token=of-nobody get nodes`

/** Of a person that never logged in. */
const session = `printf '[default]\\nsso_session = s\\nsso_account_id = 1\\nsso_role_name = r\\n[sso-session s]\\nsso_start_url = https://s.example.com\\nsso_region = us-east-1\\n' > config`
const nobody = 'env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY'

export const wrongTurns: readonly WrongTurn[] = [
  { says: 'there is no such file -> there are:', script: 'npm run -s plan -- --cluster moon', in: 'sources' },
  { says: 'did not match any files', script: 'git rm -q apps/tenants/suport.yaml', in: 'sources' },
  { says: 'did not match any files', script: 'cd apps && git rm -q apps/tenants/support.yaml', in: 'sources' },
  { says: 'Error from server (NotFound)', script: 'kubectl --namespace models get deployment moon', in: 'cluster' },
  {
    says: 'connection to the server localhost:8080 was refused',
    script: 'KUBECONFIG=/dev/null kubectl get nodes',
    in: 'cluster',
  },
  { says: 'executable aws failed with exit code', script: ended, in: 'cluster' },
  { says: 'must be logged in to the server', script: nobodysToken, in: 'cluster' },
  { says: 'Argo CD server address unspecified', script: 'argocd --config none app get moon', in: 'cluster' },
  { says: 'is not there -> clusters:', script: 'npm run -s doctor -- --cluster moon', in: 'account' },
  { says: 'PULUMI_ACCESS_TOKEN must be set', script: 'npm run -s platform -- preview --stack dev', in: 'account' },
  {
    says: 'no stack named',
    script: 'npm run -s platform -- login "file://$FOLDER" && npm run -s platform -- preview --stack moon',
    in: 'account',
  },
  { says: 'unknown flag: --cluster', script: 'npm run -s platform -- up --cluster dev', in: 'account' },
  { says: 'ResourceNotFoundException', script: 'aws eks update-kubeconfig --name moon', in: 'account' },
  {
    says: 'ResourceNotFoundException',
    script: 'aws logs filter-log-events --log-group-name /slipway/moon/pods',
    in: 'account',
  },
  { says: 'Unable to locate credentials', script: `${nobody} aws sts get-caller-identity`, in: 'account' },
  {
    says: 'Error loading SSO Token',
    script: `cd "$FOLDER" && ${session} && ${nobody} AWS_CONFIG_FILE=config aws sts get-caller-identity`,
    in: 'account',
  },
]
