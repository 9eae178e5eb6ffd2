import { findPodTrouble } from './find-pod-trouble.ts'
import { findCondition, type Observed, type WorkloadFacts } from './observed.ts'
import { no, unknown, yes, type Verdict } from './verdict.ts'

/** Whether the workload runs as it should: what its own controller and its pods say. */
export function judgeWorkload({ workload, scaler, pods }: Observed): Verdict {
  if (workload === undefined) return judgeScaledJob(scaler?.kind)
  if (!workload.isObserved) {
    return unknown('Progressing', `the controller has not seen the newest ${describe(workload)}`)
  }
  if (workload.kind === 'Job') return judgeJob(workload)
  const failure = findCondition(workload, 'ReplicaFailure')
  if (failure?.status === 'True') return no(failure.reason, failure.message)
  const trouble = findPodTrouble(pods)
  if (trouble !== undefined) return no(trouble.reason, trouble.message)
  const progress = findCondition(workload, 'Progressing')
  if (progress?.status === 'False') return no(progress.reason, progress.message)
  return judgeReplicas(workload)
}

/** With a ScaledJob there is no workload before there are messages. */
function judgeScaledJob(scaler: string | undefined): Verdict {
  return scaler === 'ScaledJob'
    ? yes('JobsOnDemand', 'KEDA makes Jobs as messages come')
    : unknown('NotCreated', 'there is no workload yet')
}

function judgeReplicas(workload: WorkloadFacts): Verdict {
  const { wanted, ready, replicas, updated } = workload
  if (wanted === 0) {
    return replicas === 0
      ? yes('Napping', 'there is no replica, since the queue is empty or 0 are wanted')
      : yes('ScalingIn', `the last ${count(replicas)} are ending`)
  }
  if (ready < wanted && isAvailable(workload)) {
    return yes('ScalingOut', `${String(ready)} of ${count(wanted)} are ready`)
  }
  if (ready < wanted) {
    return unknown('Progressing', `${String(ready)} of ${count(wanted)} are ready`)
  }
  if (updated < wanted) {
    return yes('RollingOut', `${String(updated)} of ${count(wanted)} are of the newest template`)
  }
  return yes('Running', `${count(ready)} ready`)
}

/** Some serve while others start: a StatefulSet has no such condition. */
function isAvailable(workload: WorkloadFacts): boolean {
  if (workload.kind === 'StatefulSet') return workload.ready > 0
  return workload.ready > 0 && findCondition(workload, 'Available')?.status === 'True'
}

/** Whether there is no pod of a template before; of a Job there is none ever. */
export function hasRolledOut({ kind, isObserved, replicas, updated }: WorkloadFacts): boolean {
  return kind === 'Job' || (isObserved && updated >= replicas)
}

function judgeJob(workload: WorkloadFacts): Verdict {
  const failed = findCondition(workload, 'Failed')
  if (failed?.status === 'True') return no(failed.reason || 'Failed', failed.message)
  if (findCondition(workload, 'Complete')?.status === 'True')
    return yes('Complete', 'the Job has ended well')
  return workload.active > 0
    ? yes('Running', `${String(workload.active)} pods are at work`)
    : unknown('Progressing', 'the Job has no pod yet')
}

function describe({ kind, name }: WorkloadFacts): string {
  return `${kind} ${name}`
}

function count(replicas: number): string {
  return replicas === 1 ? '1 replica' : `${String(replicas)} replicas`
}
