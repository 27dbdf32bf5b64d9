// What is drawn of a network with some blocks unfolded, as cnnviz/analysis/graph.py folds it.
//
// network.ops: [id, names of the blocks around it, outermost first] in the order of execution.
// network.edges: [from, to, kind] by positions in ops; -1 is the image.

const IMAGE_ID = "input"

// Nodes in the order of execution, and edges with the kind that all they stand for have.
function fold(network, opened) {
  const nodes = new Map()
  const nodeOf = network.ops.map(([id, around]) => {
    const at = around.findIndex(name => !opened.has(name))
    const name = at < 0 ? id : around[at]
    if (!nodes.has(name)) {
      nodes.set(name, { id: name, path: at < 0 ? around : around.slice(0, at), isBlock: at >= 0 })
    }
    return name
  })
  const edges = new Map()
  for (const [from, to, kind] of network.edges) {
    const source = from < 0 ? IMAGE_ID : nodeOf[from]
    const target = nodeOf[to]
    if (source === target) continue
    const key = `${source}\n${target}`
    const known = edges.get(key)
    if (!known) edges.set(key, { source, target, kind })
    else if (known.kind !== kind) known.kind = ""
  }
  return { nodes, edges: [...edges.values()] }
}

// The nodes so that branches come in the order in which they are joined, shortcuts last.
function inDrawingOrder({ nodes, edges }) {
  const reads = new Map([...nodes.keys()].map(id => [id, []]))
  for (const edge of [...edges.filter(edge => !edge.kind), ...edges.filter(edge => edge.kind)]) {
    reads.get(edge.target).push(edge.source)
  }
  const read = new Set(edges.map(edge => edge.source))
  const ends = [...nodes.keys()].filter(id => !read.has(id))
  const ahead = [...ends.slice(0, -1).reverse(), ...ends.slice(-1)]
  const order = new Set()
  while (ahead.length) {
    const here = ahead.at(-1)
    const before = reads.get(here).find(id => id !== IMAGE_ID && !order.has(id))
    if (before) ahead.push(before)
    else { ahead.pop(); order.add(here) }
  }
  return [...order].map(id => nodes.get(id))
}

// What is drawn in the order of execution, an open block first, with the blocks around each.
function placesOf({ nodes }) {
  const places = new Map()
  for (const { id, path } of nodes.values()) {
    path.forEach((name, depth) => { if (!places.has(name)) places.set(name, path.slice(0, depth)) })
    places.set(id, path)
  }
  return [...places]
}

// The blocks that stand beside others: those that read what two others read, and side heads.
function narrowBlocks({ nodes, edges }) {
  const readers = new Map()
  for (const { source, target } of edges) {
    if (!nodes.get(target).isBlock) continue
    readers.set(source, [...readers.get(source) ?? [], target])
  }
  const found = [...readers.values()].filter(blocks => blocks.length > 2).flat()
  const read = new Set(edges.map(edge => edge.source))
  const all = [...nodes.values()]
  const heads = all.slice(0, -1).filter(node => !read.has(node.id))
  const outermost = heads.every(node => node.path.length) ? [] : all.filter(n => !n.path.length)
  return new Set([...found, ...[...heads, ...outermost].map(node => node.id)])
}
