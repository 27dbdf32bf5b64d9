// Where nodes, open blocks and edges go. Each open block is laid out by itself, by dagre, as if it
// were a whole drawing, and then stands in the one around it as a box; an edge that enters or
// leaves it does so at one port. So a fold lays out nothing but the blocks around it.

const GAP = { node: 14, rank: 13, edge: 8, pad: 8, head: 18 }   // points
const PORT = 8   // points less above and below, where a port keeps its distance anyway
const MANY = 150   // nodes, from which on ranks are found the quick way
const MOST_BESIDE = 60   // points that a block may be widened by, so that its ports are in its middle
const ENTRY = "\nentry"
const EXIT = "\nexit"

// Positions in points: boxes {x, y, width, height} by id, of nodes and of open blocks, and edges
// in pieces, each with its kind and the points that it goes through. `size` says how large a node
// is.
function layOut(folded, size) {
  const root = framesOf(folded, size)
  const ways = [...folded.edges].sort((one, other) => Boolean(one.kind) - Boolean(other.kind))
  const routes = ways.map(edge => ({ ...edge, steps: stepsOf(folded, edge) }))
  const kinds = new Map()   // of a step: that of all edges that go this way
  for (const { steps, kind } of routes) {
    for (const step of steps) {
      root.all.get(step.frame).edges.push({ from: step.from, to: step.to, kind })
      const key = stepKey(step)
      kinds.set(key, (kinds.get(key) ?? kind) === kind ? kind : "")
    }
  }
  const placed = place(root.top)
  const boxes = new Map()
  const frames = new Map()
  spread(placed, 0, 0, boxes, frames)
  return {
    width: placed.width, height: placed.height, boxes,
    edges: routes.map(({ source, target, steps }) => ({
      source, target,
      pieces: inPieces(steps, kinds).map(({ kind, part }) => ({ kind, points: pointsOf(part, frames) })),
    })),
  }
}

function stepKey({ frame, from, to }) { return `${frame}\n>${from}\n>${to}` }

// Where edges of several kinds go one way, they have none there.
function inPieces(steps, kinds) {
  const pieces = []
  for (const step of steps) {
    const kind = kinds.get(stepKey(step))
    if (pieces.at(-1)?.kind === kind) pieces.at(-1).part.push(step)
    else pieces.push({ kind, part: [step] })
  }
  return pieces
}

// The open blocks as a tree: each with the nodes and blocks that lie directly in it.
function framesOf(folded, size) {
  const top = { id: "", children: [], edges: [] }
  const all = new Map([["", top]])
  top.children.push({ id: IMAGE_ID, ...size(IMAGE_ID) })
  for (const node of inDrawingOrder(folded)) {
    let around = top
    for (const name of node.path) {
      if (!all.has(name)) {
        const frame = { id: name, children: [], edges: [], isFrame: true }
        all.set(name, frame)
        around.children.push(frame)
      }
      around = all.get(name)
    }
    around.children.push({ id: node.id, ...size(node.id) })
  }
  return { top, all }
}

// An edge as steps, each in one frame: out of the blocks around its source, into its target's.
function stepsOf({ nodes }, { source, target }) {
  const from = [...nodes.get(source)?.path ?? [], source]
  const to = [...nodes.get(target).path, target]
  let shared = 0
  while (from[shared] === to[shared]) shared += 1
  const steps = []
  for (let depth = from.length - 1; depth > shared; depth -= 1) {
    steps.push({ frame: from[depth - 1], from: from[depth], to: EXIT })
  }
  steps.push({ frame: from[shared - 1] ?? "", from: from[shared], to: to[shared] })
  for (let depth = shared + 1; depth < to.length; depth += 1) {
    steps.push({ frame: to[depth - 1], from: ENTRY, to: to[depth] })
  }
  return steps
}

// Lay a frame out, those inside it first; what does not change is laid out once.
const laidOut = new Map()

function place(frame) {
  const inner = frame.children.map(child => child.isFrame ? place(child) : child)
  const edges = new Map()
  for (const { from, to, kind } of frame.edges) {
    const key = `${from}\n>${to}`
    const known = edges.get(key)
    edges.set(key, { from, to, past: known ? known.past && Boolean(kind) : Boolean(kind) })
  }
  const key = JSON.stringify([
    frame.id, inner.map(({ id, width, height }) => [id, width, height]), [...edges.values()],
  ])
  if (!laidOut.has(key)) laidOut.set(key, arranged(frame, inner, [...edges.values()]))
  return { ...laidOut.get(key), inner: new Map(inner.map(child => [child.id, child])) }
}

function arranged(frame, inner, edges) {
  const drawing = drawnInOrder(inner, edges)
  const port = name => drawing.hasNode(name) ? drawing.node(name) : null
  const [entry, exit] = [port(ENTRY), port(EXIT)]
  const above = (frame.isFrame ? GAP.head : GAP.pad) - (entry ? PORT : 0)
  const below = GAP.pad - (exit ? PORT : 0)
  const bends = drawing.edges().flatMap(edge => drawing.edge(edge).points.map(({ x }) => x + 4))
  const wide = Math.max(drawing.graph().width, ...bends)
  const axis = (exit ?? entry)?.x ?? wide / 2
  const aside = wide - 2 * axis   // more on the right of the ports than on the left
  const [left, right] = Math.abs(aside) > MOST_BESIDE ? [0, 0] : [Math.max(0, aside), Math.max(0, -aside)]
  const at = ({ x, y }) => ({ x: x + GAP.pad + left, y: y + above })
  const whole = {
    width: wide + left + right + 2 * GAP.pad,
    height: drawing.graph().height + above + below,
  }
  return {
    id: frame.id, isFrame: true, ...whole,
    entry: entry && { x: at(entry).x, y: 0 }, exit: exit && { x: at(exit).x, y: whole.height },
    places: new Map(inner.map(({ id }) => [id, at(drawing.node(id))])),
    lines: new Map(edges.map(({ from, to }) =>
      [`${from}\n>${to}`, drawing.edge(from, to).points.map(at)])),
  }
}

// Nodes side by side in the order in which they are given, unless edges cross less in another.
function drawnInOrder(inner, edges) {
  const given = drawn(inner, edges, true)
  const crossed = crossings(given)
  if (!crossed || inner.length > MANY) return given
  const other = drawn(inner, edges, false)
  return crossings(other) < crossed ? other : given
}

function drawn(inner, edges, isOrdered) {
  const drawing = new dagre.graphlib.Graph()
  drawing.setGraph({
    rankdir: "TB", nodesep: GAP.node, ranksep: GAP.rank, edgesep: GAP.edge,
    ranker: inner.length > MANY ? "longest-path" : "network-simplex",
    // beside a shortcut, on its right, what it goes past is one straight line
    align: edges.some(edge => edge.past) ? "UL" : undefined,
  })
  drawing.setDefaultEdgeLabel(() => ({}))
  for (const { id, width, height } of inner) drawing.setNode(id, { width, height })
  for (const { from, to, past } of edges) {
    for (const port of [from, to]) {
      if (port === ENTRY || port === EXIT) drawing.setNode(port, { width: 1, height: 1 })
    }
    drawing.setEdge(from, to, { weight: past ? 1 : 3 })
  }
  dagre.layout(drawing, { disableOptimalOrderHeuristic: isOrdered })
  return drawing
}

// How many pairs of pieces of edges cross.
function crossings(drawing) {
  const pieces = drawing.edges().flatMap(edge => {
    const { points } = drawing.edge(edge)
    return points.slice(1).map((point, index) => [points[index], point])
  })
  let count = 0
  const side = ([a, b], p) => Math.sign((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x))
  pieces.forEach((one, index) => {
    for (const other of pieces.slice(index + 1)) {
      if (side(one, other[0]) * side(one, other[1]) < 0
        && side(other, one[0]) * side(other, one[1]) < 0) count += 1
    }
  })
  return count
}

// From places in each frame to places in the whole drawing.
function spread(frame, left, top, boxes, frames) {
  frames.set(frame.id, { ...frame, left, top })
  for (const [id, { x, y }] of frame.places) {
    const child = frame.inner.get(id)
    const { width, height } = child
    const box = { x: left + x - width / 2, y: top + y - height / 2, width, height }
    boxes.set(id, box)
    if (child.isFrame) spread(child, box.x, box.y, boxes, frames)
  }
}

// The points of an edge through all its frames; where it enters or leaves one, that is a port.
function pointsOf(steps, frames) {
  const points = []
  for (const { frame, from, to } of steps) {
    const { left, top, lines } = frames.get(frame)
    const line = lines.get(`${from}\n>${to}`).map(({ x, y }) => ({ x: left + x, y: top + y }))
    const port = (id, name) => {
      const inner = frames.get(id)
      const at = inner?.[name]
      return at && { x: inner.left + at.x, y: inner.top + at.y }
    }
    const first = from === ENTRY ? port(frame, "entry") : port(from, "exit")
    const last = to === EXIT ? port(frame, "exit") : port(to, "entry")
    points.push(...(first ? [first, ...line.slice(1)] : line).slice(0, last ? -1 : undefined))
    if (last) points.push(last)
  }
  return points.filter(({ x, y }, index) =>
    !index || Math.hypot(x - points[index - 1].x, y - points[index - 1].y) > 0.5)
}
