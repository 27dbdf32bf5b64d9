// A page's visit is one entry of the browser's history. A link to a page leads to its bare address,
// and the page then writes its network there, which Streamlit makes an entry of its own: going back
// would end on the bare address, on the same page. That second entry takes the place of the first.
function keepEntries() {
  if (window.cnnvizKeepsEntries) return
  window.cnnvizKeepsEntries = true
  const push = history.pushState.bind(history)
  history.pushState = (state, unused, url) => {
    const wanted = new URL(url ?? location.href, location.href)
    const isBare = [...new URLSearchParams(location.search).keys()].every(key => key === "lang")
    if (isBare && wanted.search && wanted.pathname === location.pathname) history.replaceState(state, unused, url)
    else push(state, unused, url)
  }
}
