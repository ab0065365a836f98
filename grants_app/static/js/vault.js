// What this browser keeps for one person: encrypted records in IndexedDB, under a key that cannot be taken out of it.
// Pages and the service worker use the same store. Signing out, or another person signing in, destroys key and records.
const NAME = 'grants'
const RECORDS = 'records'
const KEYS = 'keys'
let opening = null

export const isUsable = typeof indexedDB !== 'undefined' && !!globalThis.crypto?.subtle

function open () {
  opening ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(KEYS, { keyPath: 'person' })
      request.result.createObjectStore(RECORDS, { keyPath: ['person', 'id'] })
    }
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const database = request.result
      database.onclose = () => { opening = null }
      database.onversionchange = () => { database.close(); opening = null }
      resolve(database)
    }
  })
  opening.catch(() => { opening = null })
  return opening
}

// One act on one store; resolves when it is durable, not when it is asked for.
async function within (store, mode, act) {
  const database = await open()
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, mode === 'readwrite' ? { durability: 'strict' } : {})
    const request = act(transaction.objectStore(store))
    transaction.oncomplete = () => resolve(request?.result)
    transaction.onabort = transaction.onerror = () => reject(transaction.error)
  })
}

async function keyOf (person, isWanted) {
  const found = await within(KEYS, 'readonly', (store) => store.get(person))
  if (found || !isWanted) return found?.key
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  // Two tabs may be first at once: the key that is there wins.
  await within(KEYS, 'readwrite', (store) => store.add({ person, key })).catch(() => null)
  return (await within(KEYS, 'readonly', (store) => store.get(person)))?.key
}

function sealing (record) {
  const additionalData = new TextEncoder().encode(JSON.stringify([record.person, record.id]))
  return { name: 'AES-GCM', iv: record.iv, additionalData }
}

async function opened (record, key) {
  const bytes = await crypto.subtle.decrypt(sealing(record), key, record.sealed)
  return JSON.parse(new TextDecoder().decode(bytes))
}

export async function put (person, id, value) {
  const key = await keyOf(person, true)
  const record = { person, id, iv: crypto.getRandomValues(new Uint8Array(12)) }
  record.sealed = await crypto.subtle.encrypt(sealing(record), key, new TextEncoder().encode(JSON.stringify(value)))
  await within(RECORDS, 'readwrite', (store) => store.put(record))
}

function range (person, prefix) {
  return IDBKeyRange.bound([person, prefix], [person, prefix + '\uffff'])
}

// Pairs [id, value] of the records whose id begins so; what cannot be opened any more is as good as gone.
export async function list (person, prefix) {
  const key = await keyOf(person, false)
  if (!key) return []
  const records = await within(RECORDS, 'readonly', (store) => store.getAll(range(person, prefix)))
  const pairs = await Promise.all(records.map(async (record) => [record.id, await opened(record, key).catch(() => null)]))
  return pairs.filter(([, value]) => value !== null)
}

export async function get (person, id) {
  const key = await keyOf(person, false)
  const record = key && await within(RECORDS, 'readonly', (store) => store.get([person, id]))
  return record ? opened(record, key).catch(() => null) : null
}

export async function has (person, id) {
  return await within(RECORDS, 'readonly', (store) => store.count([person, id])) > 0
}

export async function drop (person, id) {
  await within(RECORDS, 'readwrite', (store) => store.delete([person, id]))
}

export async function dropAll (person, prefix) {
  await within(RECORDS, 'readwrite', (store) => store.delete(range(person, prefix)))
}

// The person whose texts lie here: there is never more than one.
export async function holder () {
  return (await within(KEYS, 'readonly', (store) => store.getAllKeys()))[0] || ''
}

// Everything of everybody else goes: keys first, for without them the rest is noise.
export async function belongTo (person) {
  const others = (await within(KEYS, 'readonly', (store) => store.getAllKeys())).filter((one) => one !== person)
  for (const other of others) {
    await within(KEYS, 'readwrite', (store) => store.delete(other))
    await within(RECORDS, 'readwrite', (store) => store.delete(range(other, '')))
  }
}

export async function destroy () {
  await belongTo('')
}
