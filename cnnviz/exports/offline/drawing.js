// A folded network as SVG, in the form that graph_core.js knows from Graphviz. Lengths are points.

const FONT = "'Source Sans 3', 'Source Sans', 'Noto Sans CJK SC', 'PingFang SC', sans-serif"
const LETTER = 12
const MARK = 10
const ROW = 16
const CHIP = { side: 14, step: 17 }
const MARGIN = 7.2
const OP_HEIGHT = 21.6
const LINE_COLOUR = "#6B7280"
const OF_THE_IMAGE = { colour: "#FFFFFF", ink: "#111827" }
const DASHED = { "shortcut projection": "5,2" }
const pen = document.createElement("canvas").getContext("2d")
const widths = new Map()

function widthOf(text, { size = LETTER, bold = false } = {}) {
  const key = `${size}${bold}${text}`
  if (!widths.has(key)) {
    pen.font = `${bold ? "bold " : ""}${size}px ${FONT}`
    widths.set(key, pen.measureText(text).width)
  }
  return widths.get(key)
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
}

// The name of the last block of a path without what the blocks around it say.
function shortName(path) {
  const last = path.at(-1)
  const outer = path.slice(0, -1).findLast(name => last.startsWith(`${name}.`))
  return outer ? last.slice(outer.length + 1) : last
}

// Everything that is written in a node: [text, x, y, style] from its left upper corner, its chips
// and its size.
function faceOf(node, about, words, { narrow }) {
  const { kind, kinds, shape, params, isBroken } = about
  const text = words.texts[node.id]
  const sign = isBroken ? "✕ " : ""
  const made = isBroken ? words.broken : shape
  if (!node.isBlock) return opFace(sign || words.marks[kind], `${text}   ${made}`, Boolean(sign))
  const title = `${sign}${shortName([...node.path, node.id])}`
  const costs = words.params.replace("{n}", params)
  const chips = kinds.length * CHIP.step
  const named = widthOf("▸ ") + widthOf(title, { bold: true })
  if (narrow) return narrowFace({ title, text, named, line: `${made}  ${costs}`, chips, kinds })
  const left = Math.max(named + widthOf(`  ${text}   `), chips + 4)
  const right = Math.max(widthOf(made), widthOf(costs))
  const second = MARGIN + left
  return {
    width: second + right + MARGIN, height: 2 * ROW + 12, kinds,
    texts: [
      ["▸", MARGIN, 17], [title, MARGIN + widthOf("▸ "), 17, { bold: true }],
      [text, MARGIN + named + widthOf("  "), 17], [made, second, 17], [costs, second, 36],
    ],
    chips: { x: MARGIN, y: 24 },
  }
}

function opFace(mark, text, isSign) {
  const style = isSign ? {} : { size: MARK, mark: true }
  const start = MARGIN + (mark ? widthOf(mark, style) + 4 : 0)
  return {
    width: start + widthOf(text) + MARGIN, height: OP_HEIGHT, kinds: [],
    texts: [[mark, MARGIN, 15, style], [text, start, 15]],
  }
}

function narrowFace({ title, text, named, line, chips, kinds }) {
  return {
    width: Math.max(named, widthOf(text), widthOf(line), chips) + 2 * MARGIN,
    height: 4 * ROW + 12, kinds,
    texts: [
      ["▸", MARGIN, 17], [title, MARGIN + widthOf("▸ "), 17, { bold: true }],
      [text, MARGIN, 33], [line, MARGIN, 49],
    ],
    chips: { x: MARGIN, y: 56 },
  }
}

// The SVG of a network with some blocks unfolded, and what is drawn with the blocks around each.
function drawing(network, opened, words, by) {
  const folded = fold(network, opened)
  const colours = coloursOf(network, folded, by)
  const narrow = narrowBlocks(folded)
  const image = opFace("", `${words.image}   ${network.image}`, true)
  const faces = new Map([[IMAGE_ID, image]])
  for (const node of folded.nodes.values()) {
    faces.set(node.id, faceOf(node, network.about[node.id], words, { narrow: narrow.has(node.id) }))
  }
  const laid = layOut(folded, id => faces.get(id))
  const parts = []
  for (const [id, box] of laid.boxes) if (!faces.has(id)) parts.push(frameSvg(id, box, folded))
  for (const { source, target, pieces } of laid.edges) {
    pieces.forEach((piece, index) =>
      parts.push(edgeSvg(source, target, piece, index === pieces.length - 1)))
  }
  for (const [id, face] of faces) {
    const paint = id === IMAGE_ID ? OF_THE_IMAGE : colours.of(id)
    parts.push(nodeSvg(id, laid.boxes.get(id), face, paint, network, words))
  }
  const size = [laid.width, laid.height].map(Math.ceil)
  const view = `viewBox="0 0 ${size.join(" ")}" width="${size[0]}pt" height="${size[1]}pt"`
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" ${view}><g class="graph">${parts.join("")}</g></svg>`,
    places: placesOf(folded), folded, colours,
  }
}

function nodeSvg(id, box, face, { colour, ink }, network, words) {
  const texts = face.texts.map(([text, x, y, { size = LETTER, bold, mark } = {}]) =>
    `<text x="${(box.x + x).toFixed(1)}" y="${(box.y + y).toFixed(1)}" font-size="${size}.00"`
    + ` fill="${ink}"${bold ? ' font-weight="bold"' : ""}`
    + `${mark ? ' class="mark" aria-hidden="true"' : ""} xml:space="preserve">${escaped(text)}</text>`)
  const chips = face.kinds.map((kind, index) => chipSvg(
    network.kinds[kind], words.marks[kind],
    box.x + face.chips.x + index * CHIP.step, box.y + face.chips.y,
  ))
  const path = rounded(box, 4)
  return `<g id="${escaped(id)}" class="node${id === IMAGE_ID ? " image" : ""}">`
    + `<title>${escaped(id)}</title><path fill="${colour}" stroke="${LINE_COLOUR}" d="${path}"/>`
    + `${texts.join("")}${chips.join("")}</g>`
}

function chipSvg({ colour, ink }, mark, x, y) {
  const middle = (x + CHIP.side / 2).toFixed(1)
  return `<polygon fill="${colour}" stroke="${LINE_COLOUR}" points="${corners(x, y)}"/>`
    + `<text class="mark" aria-hidden="true" text-anchor="middle" x="${middle}"`
    + ` y="${(y + 10.6).toFixed(1)}" font-size="${MARK}.00" fill="${ink}">${mark}</text>`
}

function corners(x, y) {
  const far = CHIP.side
  return [[0, 0], [far, 0], [far, far], [0, far]]
    .map(([dx, dy]) => `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`).join(" ")
}

function rounded({ x, y, width, height }, r) {
  const n = value => value.toFixed(1)
  return `M${n(x + r)},${n(y)} h${n(width - 2 * r)} q${r},0 ${r},${r} v${n(height - 2 * r)}`
    + ` q0,${r} ${-r},${r} h${n(2 * r - width)} q${-r},0 ${-r},${-r} v${n(2 * r - height)}`
    + ` q0,${-r} ${r},${-r} z`
}

function frameSvg(id, box, { nodes }) {
  const inside = [...nodes.values()].find(({ path }) => path.includes(id)).path
  const name = shortName(inside.slice(0, inside.indexOf(id) + 1))
  return `<g id="${escaped(id)}" class="cluster"><title>${escaped(id)}</title>`
    + `<path fill="none" stroke="${LINE_COLOUR}" d="${rounded(box, 6)}"/>`
    + `<text x="${(box.x + 8).toFixed(1)}" y="${(box.y + 14).toFixed(1)}"`
    + ` font-size="${LETTER}.00">▾ ${escaped(name)}</text></g>`
}

// A piece of an edge: a line through its points, rounded at each, the last piece with a tip.
function edgeSvg(source, target, { kind, points }, isLast) {
  const tip = points.at(-1)
  const before = points.at(-2)
  const long = Math.hypot(tip.x - before.x, tip.y - before.y) || 1
  const [dx, dy] = [(tip.x - before.x) / long, (tip.y - before.y) / long]
  const end = isLast ? { x: tip.x - 6 * dx, y: tip.y - 6 * dy } : tip
  const n = ({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`
  const [wx, wy] = [-dy * 2.6, dx * 2.6]
  const arrow = [tip, { x: end.x + wx, y: end.y + wy }, { x: end.x - wx, y: end.y - wy }]
  const dash = DASHED[kind] ? ` stroke-dasharray="${DASHED[kind]}"` : ""
  return `<g class="edge ${kind}"><title>${escaped(source)}-&gt;${escaped(target)}</title>`
    + `<path fill="none" stroke="${LINE_COLOUR}" d="${curve([...points.slice(0, -1), end])}"${dash}/>`
    + (isLast ? `<polygon fill="${LINE_COLOUR}" points="${arrow.map(n).join(" ")}"/>` : "") + "</g>"
}

function curve(way) {
  const n = ({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`
  const half = (one, other) => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 })
  let path = `M${n(way[0])}`
  for (let at = 1; at < way.length - 1; at += 1) {
    const to = at === way.length - 2 ? way[at + 1] : half(way[at], way[at + 1])
    path += ` Q${n(way[at])} ${n(to)}`
  }
  return way.length === 2 ? `${path} L${n(way[1])}` : path
}
