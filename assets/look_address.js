// Keeps in the browser's address how a network is looked at, without an entry in its history.

export default function ({ data }) {
  const { keys, look } = data
  const others = location.search.slice(1).split("&")
    .filter(part => part && !keys.includes(decodeURIComponent(part.split("=")[0])))
  const own = Object.entries(look)
    .map(([key, text]) => `${key}=${encodeURIComponent(text).replaceAll("%2C", ",")}`)
  const query = [...others, ...own].join("&")
  const wanted = location.pathname + (query && `?${query}`)
  if (wanted !== location.pathname + location.search) {
    history.replaceState(history.state, "", wanted + location.hash)
  }
}
