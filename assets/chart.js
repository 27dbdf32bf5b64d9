// A plotly chart that is updated in place; its uirevision keeps the user's zoom.
// One that is out of sight waits with a new figure until it is looked at: drawing takes the time of
// a core, and the training that it shows may run on the same ones.

const LOOK_AGAIN = 50   // ms, until plotly.js has come
const TOOLS = { displaylogo: false, showTips: false, modeBarButtons: [["toImage", "resetScale2d"]] }
const instances = new WeakMap()

function draw(state) {
  clearTimeout(state.timer)
  state.isStale = false
  if (!window.Plotly) {
    state.timer = setTimeout(() => draw(state), LOOK_AGAIN)
    return
  }
  const { data, layout } = state.figure
  const family = getComputedStyle(state.chart).fontFamily
  state.drawn = window.Plotly.react(state.chart, data, {
    ...layout,
    font: { ...layout.font, family },
    width: state.chart.clientWidth,
  }, TOOLS)
}

export default function ({ data, parentElement }) {
  const chart = parentElement.querySelector(".steady-chart")
  let state = instances.get(chart)
  if (!state) {
    state = { chart }
    state.observer = new ResizeObserver(() => {
      if (chart.clientWidth && chart.clientWidth !== state.width) {
        state.width = chart.clientWidth
        draw(state)
      }
    })
    state.sight = new IntersectionObserver(entries => {
      state.isSeen = entries.at(-1).isIntersecting
      if (state.isSeen && state.isStale) draw(state)
    })
    state.print = () => { if (state.isStale) draw(state) }
    instances.set(chart, state)
  }
  state.figure = data.figure
  chart.style.height = `${data.figure.layout.height}px`
  chart.setAttribute("aria-label", data.label)
  state.width = chart.clientWidth
  if (state.isSeen === false) state.isStale = true
  else draw(state)
  state.observer.observe(chart)
  state.sight.observe(chart)
  addEventListener("beforeprint", state.print)
  return () => {
    clearTimeout(state.timer)
    state.observer.disconnect()
    state.sight.disconnect()
    removeEventListener("beforeprint", state.print)
    instances.delete(chart)
    // plotly measures its margins a moment after drawing, and fails where nothing is left of a chart
    Promise.resolve(state.drawn).finally(() => {
      if (!instances.has(chart)) window.Plotly?.purge(chart)
    })
  }
}
