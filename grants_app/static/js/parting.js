// The last requests of a page that is being left: nobody hears their answers.
const MOST_LETTERS = 60000 // of all requests that outlive their page; browsers send no more
const OF_PART = 160 // what stands around a field that is sent as a part of its own

// A table has many short cells, a text is one long field of letters that are written out: the shorter writing is sent.
function shortest (body) {
  const parts = [...body].reduce((sum, pair) => sum + OF_PART + new Blob(pair).size, 0)
  const plain = new URLSearchParams(body)
  const length = String(plain).length
  return length < parts ? { body: plain, length } : { body, length: parts }
}

export function sendLast (address, form, headers, times) {
  const { body, length } = shortest(form)
  for (let sent = 1; sent <= times; sent++) {
    fetch(address, { method: 'POST', body, headers, keepalive: sent * length < MOST_LETTERS }).catch(() => null)
  }
}
