import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findFreePorts } from '@asya/service/free-ports'

/** What the API server answered. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** A kube-apiserver and its etcd, alone: it keeps what it is given, and no controller acts on it. */
export interface ApiServer {
  send(method: string, path: string, body?: object): Promise<Answer>
  close(): Promise<void>
}

const START_MS = 90_000
const STOP_MS = 20_000

/** Starts both, as in the folder that KUBEBUILDER_ASSETS names. Throws with the log's end if they do not start. */
export async function startApiServer(assetsDir: string): Promise<ApiServer> {
  const dir = mkdtempSync(join(tmpdir(), 'asya-api-server-'))
  const [clientPort, peerPort, apiPort] = await findFreePorts(3)
  const etcdUrl = `http://127.0.0.1:${clientPort}`
  const peerUrl = `http://127.0.0.1:${peerPort}`
  const token = randomBytes(16).toString('hex')
  writeKeys(dir, token)
  const children = [
    startProcess(join(assetsDir, 'etcd'), dir, [
      `--data-dir=${dir}/etcd-data`,
      '--unsafe-no-fsync',
      '--log-level=warn',
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
    ]),
    startProcess(join(assetsDir, 'kube-apiserver'), dir, [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      `--secure-port=${apiPort}`,
      `--cert-dir=${dir}/certificates`,
      `--token-auth-file=${dir}/tokens.csv`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--disable-admission-plugins=ServiceAccount',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${dir}/service-account.pub`,
      `--service-account-signing-key-file=${dir}/service-account.key`,
    ]),
  ]
  const send: ApiServer['send'] = (method, path, body) =>
    sendRequest({ port: apiPort ?? 0, token, method, path }, body)
  const close = async (): Promise<void> => {
    // The API server before its etcd, or it would wait for it.
    for (const child of children.toReversed()) await stopProcess(child)
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    await waitUntilReady(send, children)
    return { send, close }
  } catch (error) {
    const log = readFileSync(join(dir, 'kube-apiserver.log'), 'utf8').split('\n').slice(-15)
    await close()
    throw new Error(`the API server did not start: ${String(error)}\n${log.join('\n')}`, {
      cause: error,
    })
  }
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
  send: ApiServer['send'],
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

interface Target {
  readonly port: number
  readonly token: string
  readonly method: string
  readonly path: string
}

function sendRequest({ port, token, method, path }: Target, body?: object): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(body && {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    }),
  }
  return new Promise((resolve, reject) => {
    // It has signed its certificate itself, a moment ago.
    const options = { host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false }
    const sent = request({ ...options, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, body: parseBody(text) })
      })
    })
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}

function parseBody(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body']
  } catch {
    return { message: text }
  }
}
