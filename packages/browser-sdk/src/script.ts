import { startScript } from './start-script.ts'
import { startTracker } from './tracker.ts'

const script = document.currentScript as HTMLScriptElement | null

startScript(script, addPart, (settings, platform) => {
  const running = startTracker(settings, platform)
  // Calls wait for the standard part, though not beyond the life of the page.
  addPart('standard').onerror = () => running.extend()
  return running
})

/** Each part is a script beside this one. */
function addPart(name: string): HTMLScriptElement {
  const element = document.createElement('script')
  element.src = `${script?.src}`.replace(/\.js(?!.*\.js)/, `.${name}.js`)
  document.head.append(element)
  return element
}
