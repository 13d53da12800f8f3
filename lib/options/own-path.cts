/**
 * The path of this file. ES modules have it in `import.meta`, which CommonJS
 * cannot contain: so this one file is CommonJS in both builds of the package. A
 * function, since bundlers leave `__filename` undefined in ES modules.
 */
export function ownPath(): string {
  return __filename;
}
