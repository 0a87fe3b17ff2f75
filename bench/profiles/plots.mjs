import { barPlot, rangePlot } from '../svg.mjs'
import { nameOf } from './report.mjs'

export function costPlot(loads) {
  const calls = [...new Set(loads.map(({ eventsPerCall }) => eventsPerCall))]
  const dollars = (eventsPerCall, wanted) =>
    loads.find((load) => load.eventsPerCall === eventsPerCall && load.comeBack === wanted)
      ?.dollarsPerMillion
  return barPlot({
    title: 'Profiles: cost of a million events',
    unit: 'dollars by list price, rows written and calls',
    series: ['people who come back', 'new people'],
    rows: calls.map((count) => ({
      name: `${count} a person and call`,
      values: [dollars(count, true), dollars(count, false)],
    })),
  })
}

export function readPlot(loads) {
  return rangePlot({
    title: 'Reading a profile while its shard is fed',
    unit: 'milliseconds, median and 95th percentile; by orders of magnitude',
    series: ['median', '95th percentile'],
    rows: loads.map((load) => ({ name: nameOf(load), values: [load.readMs, load.read95Ms] })),
  })
}

export function componentPlot(components) {
  return rangePlot({
    title: 'One event more, and everything from nothing',
    unit: 'milliseconds, by size of the component; by orders of magnitude',
    series: ['one with a new pair', 'from nothing'],
    rows: components.map(({ identifiers, newPairMs, fromNothingMs }) => ({
      name: `${identifiers} identifiers`,
      values: [newPairMs, fromNothingMs],
    })),
  })
}
