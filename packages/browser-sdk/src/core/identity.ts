/** Who uses this browser, as the tabs of an origin share it. */
export interface Identity {
  anonymousId?: string
  userId?: string
  traits?: Record<string, unknown>
  groupId?: string
  groupTraits?: Record<string, unknown>
}

/**
 * The identity after `identify`. Traits are merged while the user stays the same, or was not known.
 * Another user than before gets no old traits and no old `anonymousId`: on a shared device it would tie two people together.
 */
export function identifyUser(
  identity: Identity,
  userId: string | undefined,
  traits: Record<string, unknown>,
): Identity {
  const { anonymousId, traits: oldTraits, ...kept } = identity
  if (userId && identity.userId && userId !== identity.userId) return { ...kept, userId, traits }
  return { ...identity, traits: { ...oldTraits, ...traits }, ...(userId && { userId }) }
}

/** The identity after `group`. Traits are merged while the group stays the same, or was not known. */
export function joinGroup(
  identity: Identity,
  groupId: string | undefined,
  traits: Record<string, unknown>,
): Identity {
  const changed = groupId && identity.groupId && groupId !== identity.groupId
  const groupTraits = changed ? traits : { ...identity.groupTraits, ...traits }
  return { ...identity, groupTraits, ...(groupId && { groupId }) }
}
