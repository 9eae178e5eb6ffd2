import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findFreePorts } from '@asya/service/free-ports'
import { KubeConfig } from '@kubernetes/client-node'
import { RawSender } from './raw-sender.ts'

/** A kube-apiserver and its etcd: alone, it keeps what it is given, and no controller acts on it. */
export interface RealApiServer {
  readonly send: RawSender['send']
  /** As its administrator. */
  readonly kubeConfig: KubeConfig
  /**
   * Starts these controllers of kube-controller-manager; false if it is not in the folder. The kinds
   * that they are to know must be there before.
   */
  startControllers(names: readonly string[]): boolean
  /** Has etcd forget what happened until now: nothing else remembers it of leases. */
  readonly forget: () => Promise<void>
  readonly close: () => Promise<void>
}

const START_MS = 90_000
const STOP_MS = 20_000

/** Starts both, as in the folder that KUBEBUILDER_ASSETS names. Throws with the log's end if they do not start. */
export async function startRealApiServer(assetsDir: string): Promise<RealApiServer> {
  const dir = mkdtempSync(join(tmpdir(), 'asya-api-server-'))
  const [clientPort = 0, peerPort = 0, apiPort = 0] = await findFreePorts(3)
  const token = randomBytes(16).toString('hex')
  writeKeys(dir, token)
  const place: Place = { assetsDir, dir, clientPort, peerPort, apiPort }
  const children = [startEtcd(place), startServer(place)]
  const kubeConfig = makeKubeConfig(apiPort, token)
  const sender = new RawSender(kubeConfig)
  const send: RawSender['send'] = (...sent) => sender.send(...sent)
  const close = async (): Promise<void> => {
    sender.close()
    // The API server before its etcd, or it would wait for it.
    for (const child of children.toReversed()) await stopProcess(child)
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    await waitUntilReady(send, children)
  } catch (error) {
    const log = readFileSync(join(dir, 'kube-apiserver.log'), 'utf8').split('\n').slice(-15)
    await close()
    throw new Error(`the API server did not start: ${String(error)}\n${log.join('\n')}`, {
      cause: error,
    })
  }
  const startControllers = (names: readonly string[]): boolean => {
    const child = startManager(place, { kubeConfig, names })
    if (child !== undefined) children.push(child)
    return child !== undefined
  }
  const forget = (): Promise<void> => compactEtcd(`http://127.0.0.1:${clientPort}`)
  return { send, kubeConfig, startControllers, forget, close }
}

interface Place {
  readonly assetsDir: string
  /** Of its own, for keys, data and logs. */
  readonly dir: string
  readonly clientPort: number
  readonly peerPort: number
  readonly apiPort: number
}

function startEtcd({ assetsDir, dir, clientPort, peerPort }: Place): ChildProcess {
  const clientUrl = `http://127.0.0.1:${clientPort}`
  const peerUrl = `http://127.0.0.1:${peerPort}`
  return startProcess(join(assetsDir, 'etcd'), dir, [
    `--data-dir=${dir}/etcd-data`,
    '--unsafe-no-fsync',
    '--log-level=warn',
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
  ])
}

function startServer({ assetsDir, dir, clientPort, apiPort }: Place): ChildProcess {
  return startProcess(join(assetsDir, 'kube-apiserver'), dir, [
    `--etcd-servers=http://127.0.0.1:${clientPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${apiPort}`,
    `--cert-dir=${dir}/certificates`,
    `--token-auth-file=${dir}/tokens.csv`,
    '--authorization-mode=RBAC',
    // So that what etcd forgets of leases is forgotten.
    '--watch-cache-sizes=leases.coordination.k8s.io#0',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${dir}/service-account.pub`,
    `--service-account-signing-key-file=${dir}/service-account.key`,
  ])
}

interface Managing {
  readonly kubeConfig: KubeConfig
  readonly names: readonly string[]
}

/** Undefined where there is no kube-controller-manager. */
function startManager(
  { assetsDir, dir }: Place,
  { kubeConfig, names }: Managing,
): ChildProcess | undefined {
  const path = join(assetsDir, 'kube-controller-manager')
  if (!existsSync(path)) return undefined
  const file = join(dir, 'kubeconfig')
  writeFileSync(file, kubeConfig.exportConfig())
  return startProcess(path, dir, [
    `--kubeconfig=${file}`,
    `--controllers=${names.join(',')}`,
    '--leader-elect=false',
    '--secure-port=0',
  ])
}

async function compactEtcd(url: string): Promise<void> {
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  const { header } = (await post('/v3/kv/range', { key: 'AA==' })) as {
    header: { revision: string }
  }
  await post('/v3/kv/compaction', { revision: header.revision, physical: true })
}

function makeKubeConfig(port: number, token: string): KubeConfig {
  const kubeConfig = new KubeConfig()
  const server = `https://127.0.0.1:${port}`
  // It has signed its certificate itself, a moment ago.
  kubeConfig.loadFromClusterAndUser(
    { name: 'test', server, skipTLSVerify: true },
    { name: 'admin', token },
  )
  return kubeConfig
}

function writeKeys(dir: string, token: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  writeFileSync(join(dir, 'service-account.key'), privateKey)
  writeFileSync(join(dir, 'service-account.pub'), publicKey)
  writeFileSync(join(dir, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`)
}

function startProcess(path: string, dir: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(dir, `${path.split('/').at(-1) ?? ''}.log`), 'w')
  return spawn(path, args, { cwd: dir, stdio: ['ignore', log, log] })
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const stopped = await Promise.race([ended.then(() => true), setTimeout(STOP_MS, false)])
  if (!stopped) child.kill('SIGKILL')
  await ended
}

async function waitUntilReady(
  send: RawSender['send'],
  children: readonly ChildProcess[],
): Promise<void> {
  const end = Date.now() + START_MS
  for (;;) {
    const answer = await send('GET', '/api/v1/namespaces/default').catch((error: unknown) => error)
    if (typeof answer === 'object' && answer !== null && 'status' in answer) {
      if (answer.status === 200) return
    }
    if (children.some(({ exitCode }) => exitCode !== null)) throw new Error('it ended')
    if (Date.now() > end) throw new Error(`it is not ready after ${START_MS / 1_000} s`)
    await setTimeout(200)
  }
}
