import { addressOf, isProfileId, parseIdentifier, type Profile } from '@tributary/identity'
import type { Context } from 'hono'
import { findProfile } from '../adapters/profiles.ts'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import type { CollectorEnv } from '../env.ts'

export type ProfileContext = Context<{ Bindings: CollectorEnv }>

/** `GET /api/profiles/{type}:{value}`. */
export async function getProfile(
  context: ProfileContext,
  config: ResolvedConfig,
): Promise<Response> {
  const id = context.req.param('id') ?? ''
  const address = isProfileId(id) ? id : addressIn(id, config)
  if (address === undefined) {
    return errorAnswer(400, 'invalid_identifier', 'Write an identifier as "type:value".')
  }
  const found = await findProfile(context.env, config.profileShards, address)
  if (!found) return errorAnswer(404, 'unknown_profile', 'There is no such profile.')
  return Response.json(toAnswer(found.profile))
}

function addressIn(id: string, { rules }: ResolvedConfig): string | undefined {
  const identifier = parseIdentifier(id, rules)
  return identifier && addressOf(identifier)
}

function toAnswer({ foundedBy: _, provenance: __, ...profile }: Profile): object {
  return profile
}
