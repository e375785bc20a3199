// Judges cases with @cloud-copilot/iam-simulate: the contract's JSON Lines in, {id, decision} out.
// The package is found through VPCEP_ORACLE_MODULES, a folder that holds node_modules.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import path from 'node:path'

const modules = process.env.VPCEP_ORACLE_MODULES ?? import.meta.dirname
const find = createRequire(path.join(modules, 'package.json'))
const { runSimulation } = await import(
  pathToFileURL(find.resolve('@cloud-copilot/iam-simulate')).href
)

const WORDS = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitDeny',
  ImplicitlyDenied: 'implicitDeny'
}

const named = (policies, prefix) =>
  (policies ?? []).map((policy, index) => ({ name: `${prefix}${index}`, policy }))

const levels = (list, prefix) =>
  (list ?? []).map((policies, index) => ({
    orgIdentifier: `${prefix}${index}`,
    policies: named(policies, prefix)
  }))

// The peer adds RCPFullAWSAccess to every level itself and takes no other RCP that allows.
const isFullAccess = (policy) => policy.Statement.every(({ Effect }) => Effect === 'Allow')

const denying = (list) =>
  (list ?? []).map((level) => level.filter((policy) => !isFullAccess(policy)))

function simulation({ request, policies }) {
  const session = policies.session ?? []
  return {
    request: {
      principal: request.principal === 'anonymous' ? { type: 'Anonymous' } : request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.resource_account },
      contextVariables: request.context ?? {}
    },
    identityPolicies: named(policies.identity, 'identity'),
    sessionPolicy: session[0],
    serviceControlPolicies: levels(policies.scps, 'scp'),
    resourceControlPolicies: levels(denying(policies.rcps), 'rcp'),
    resourcePolicy: policies.resource ?? undefined,
    permissionBoundaryPolicies: policies.permissions_boundary
      ? named([policies.permissions_boundary], 'boundary')
      : undefined,
    vpcEndpointPolicies: policies.vpc_endpoint
      ? named([policies.vpc_endpoint], 'endpoint')
      : undefined
  }
}

let judged = 0
const started = process.cpuUsage()
for await (const line of createInterface({ input: process.stdin })) {
  if (!line) continue
  const testCase = JSON.parse(line)
  let answer
  try {
    const result = await runSimulation(simulation(testCase), {})
    answer =
      result.resultType === "error"
        ? { error: JSON.stringify(result.errors) }
        : { decision: WORDS[result.overallResult] ?? result.overallResult }
  } catch (error) {
    answer = { error: String(error.message ?? error) }
  }
  judged += 1
  process.stdout.write(JSON.stringify({ id: testCase.id, ...answer }) + '\n')
}
const { user, system } = process.cpuUsage(started)
const seconds = (user + system) / 1e6
process.stderr.write(JSON.stringify({ judged, seconds }) + '\n')
