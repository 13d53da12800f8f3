/**
 * Makes what a process needs once: the first call starts it, calls that come
 * meanwhile share it. A failure is told to all who wait for it and then
 * forgotten, so that the next call tries again.
 */
export function createdOnce<T>(create: () => T | Promise<T>): () => Promise<T> {
  let created: Promise<T> | undefined;
  return () => {
    if (created) return created;
    const creating = (async () => create())();
    created = creating;
    creating.catch(() => (created = undefined));
    return creating;
  };
}
