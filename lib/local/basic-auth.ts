/** Who may do what, from the `Authorization` header, as the server judges it. */

/** The key pair that requests must carry. */
export interface LocalKeys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/**
 * `project` may do everything, `scores` (a Bearer public key) may only send
 * scores, and a refusal carries the text of the 401 answer.
 */
export type Access =
  | { readonly kind: 'project' }
  | { readonly kind: 'scores' }
  | { readonly kind: 'refused'; readonly message: string };

const INVALID_HEADER = 'Invalid authorization header';

/**
 * Without `keys` any well-formed pair passes. With keys only the secret
 * decides: the server looks projects up by it and merely logs a public key
 * that does not belong to it.
 */
export function authorize(
  header: string | undefined,
  keys: LocalKeys | undefined,
): Access {
  if (header === undefined) {
    return { kind: 'refused', message: 'No authorization header' };
  }
  if (header.startsWith('Basic ')) {
    return basicAccess(header.slice('Basic '.length), keys);
  }
  if (header.startsWith('Bearer ')) {
    const publicKey = header.slice('Bearer '.length);
    return keys === undefined || keys.publicKey === publicKey
      ? { kind: 'scores' }
      : refusedKey('Invalid public key');
  }
  return { kind: 'refused', message: INVALID_HEADER };
}

function basicAccess(encoded: string, keys: LocalKeys | undefined): Access {
  const [publicKey, secretKey] = Buffer.from(encoded, 'base64')
    .toString('utf8')
    .split(':');
  if (!publicKey || !secretKey) {
    return refusedKey(INVALID_HEADER);
  }
  return keys === undefined || keys.secretKey === secretKey
    ? { kind: 'project' }
    : refusedKey('Invalid credentials');
}

function refusedKey(reason: string): Access {
  return {
    kind: 'refused',
    message: `${reason}. Confirm that you've configured the correct host.`,
  };
}
