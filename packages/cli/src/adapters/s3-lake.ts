import { AwsClient } from 'aws4fetch'
import { CliError, usageError } from '../cli-error.ts'
import type { LakeObject } from './lake-listing.ts'

/** A bucket by its S3 interface. */
export interface S3Bucket {
  /** Address of the bucket, without a slash at its end. */
  url: string
  client: AwsClient
}

/**
 * Opens the bucket of `s3://<name>`, with what the environment says: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and
 * `TRIBUTARY_S3_ENDPOINT`, which for R2 is `https://<account id>.r2.cloudflarestorage.com`.
 *
 * @throws CliError that names what is missing.
 */
export function openS3Bucket(address: string, env: NodeJS.ProcessEnv): S3Bucket {
  const name = /^s3:\/\/([^/]+)\/?$/.exec(address)?.[1]
  if (!name) throw usageError('invalid_lake', 'A bucket is named as s3://<name>, without a folder.')
  const read = (variable: string) => {
    const value = env[variable]
    if (!value) throw usageError('missing_s3_access', `${variable} must be set to read ${address}.`)
    return value
  }
  const endpoint = read('TRIBUTARY_S3_ENDPOINT').replace(/\/+$/, '')
  const client = new AwsClient({
    accessKeyId: read('AWS_ACCESS_KEY_ID'),
    secretAccessKey: read('AWS_SECRET_ACCESS_KEY'),
    ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
    service: 's3',
    region: env.AWS_REGION || 'auto',
  })
  return { url: `${endpoint}/${name}`, client }
}

/** Every file under a prefix (S3 API, ListObjectsV2). */
export async function* listS3(bucket: S3Bucket, prefix: string): AsyncGenerator<LakeObject> {
  let token: string | undefined
  do {
    const query = new URLSearchParams({ 'list-type': '2', prefix, 'encoding-type': 'url' })
    if (token !== undefined) query.set('continuation-token', token)
    const xml = await (await getS3(bucket, `?${query}`)).text()
    for (const [, entry = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      yield {
        key: decodeURIComponent(element(entry, 'Key').replaceAll('+', ' ')),
        bytes: Number(element(entry, 'Size')),
        etag: element(entry, 'ETag').replaceAll('"', ''),
      }
    }
    token = element(xml, 'NextContinuationToken') || undefined
  } while (token)
}

/** One file. @throws CliError with the code `not_found` where it is gone. */
export async function readS3(bucket: S3Bucket, key: string): Promise<Response> {
  const path = key.split('/').map(encodeURIComponent).join('/')
  return getS3(bucket, `/${path}`)
}

async function getS3({ url, client }: S3Bucket, path: string): Promise<Response> {
  const response = await client.fetch(`${url}${path}`).catch((error: Error) => {
    throw new CliError('unreachable', `${url} does not answer (${error.message}).`)
  })
  if (response.ok) return response
  const code = element(await response.text(), 'Code') || `status ${response.status}`
  throw new CliError(
    response.status === 404 ? 'not_found' : 's3_refused',
    `${url} refuses: ${code}.`,
  )
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&apos;': "'",
  '&#34;': '"',
}

function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return text.replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity)
}
