import type { Address } from '@tributary/identity'
import type { ProfileStore } from './profile-store.ts'

/**
 * A rebuild from the lake begins: what is damaged by now will be whole when it ends. To be called in turn.
 *
 * @param components Those of which nothing is believed until then: their rows are set aside as well.
 */
export function beginHealing(store: ProfileStore, components: readonly Address[]): void {
  const { statements } = store
  store.transaction(() => {
    for (const address of components) {
      for (const pack of statements.packs(address)) statements.setPackAside(address, pack)
      statements.deleteTerms(address)
      statements.deleteMembers(address)
    }
    store.note({ healThrough: statements.lastDamaged() })
  })
  for (const address of components) store.components.drop(address)
}

/** It has ended. What was damaged since waits for another one. */
export function endHealing(store: ProfileStore): void {
  store.transaction(() => store.statements.deleteDamaged(store.state.healThrough))
}
