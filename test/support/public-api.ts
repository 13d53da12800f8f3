/**
 * What users of the package can reach, found by the compiler: the exports of its
 * entry points that are not `@internal`, and the public members of exported
 * classes and types.
 */
import ts from 'typescript';

/** An export, or a member of one. */
export interface PublicSymbol {
  /** Such as `LangfuseQueue` or `LangfuseQueue.flush`. */
  readonly name: string;
  readonly isExport: boolean;
  /** The text of its TSDoc, without tags. */
  readonly text: string;
  /** The names of its TSDoc's tags. */
  readonly tags: ReadonlySet<string>;
}

const HIDDEN = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;

/**
 * Every public symbol of these modules, each once: of symbols that are declared
 * under `folder`, since what others declare is theirs to document.
 */
export function publicSymbols(
  program: ts.Program,
  entries: readonly string[],
  folder: string,
): PublicSymbol[] {
  const checker = program.getTypeChecker();
  const found = new Map<string, PublicSymbol>();
  for (const entry of entries) {
    const file = program.getSourceFile(entry);
    const module = file && checker.getSymbolAtLocation(file);
    if (!module) throw new Error(`${entry} is no module`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol =
        exported.flags & ts.SymbolFlags.Alias
          ? checker.getAliasedSymbol(exported)
          : exported;
      if (!isDeclaredIn(symbol, folder) || !isPublic(symbol)) continue;
      found.set(exported.name, describe(symbol, exported.name, true));
      for (const member of membersOf(symbol)) {
        const name = `${exported.name}.${member.name}`;
        found.set(name, describe(member, name, false));
      }
    }
  }
  return [...found.values()];

  function membersOf(symbol: ts.Symbol): ts.Symbol[] {
    const isType =
      symbol.flags &
      (ts.SymbolFlags.Class |
        ts.SymbolFlags.Interface |
        ts.SymbolFlags.TypeAlias);
    const types = [
      ...(isType ? [checker.getDeclaredTypeOfSymbol(symbol)] : []),
      ...(symbol.flags & ts.SymbolFlags.Class
        ? [checker.getTypeOfSymbol(symbol)]
        : []),
    ];
    return types
      .flatMap((type) => checker.getPropertiesOfType(type))
      .filter((member) => isDeclaredIn(member, folder) && isPublic(member));
  }

  function isPublic(symbol: ts.Symbol): boolean {
    return (
      !tagsOf(symbol).has('internal') && !symbol.declarations?.some(isHidden)
    );
  }

  function describe(
    symbol: ts.Symbol,
    name: string,
    isExport: boolean,
  ): PublicSymbol {
    const comment = symbol.getDocumentationComment(checker);
    const text = ts.displayPartsToString(comment).trim();
    return { name, isExport, text, tags: tagsOf(symbol) };
  }

  function tagsOf(symbol: ts.Symbol): Set<string> {
    return new Set(symbol.getJsDocTags(checker).map((tag) => tag.name));
  }
}

/** What is missing in a symbol's TSDoc; empty when nothing is. */
export function lacks({ name, isExport, text, tags }: PublicSymbol): string[] {
  return [
    ...(isSentence(text) ? [] : [`${name}: no sentence`]),
    ...(isExport && !tags.has('publicApi') ? [`${name}: no @publicApi`] : []),
  ];
}

/** Something is said: a few words that end as sentences, lists or code do. */
function isSentence(text: string): boolean {
  return /\p{L}+\P{L}+\p{L}+/u.test(text) && /[.?!:;`]$/.test(text);
}

function isHidden(declaration: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(declaration);
  return (
    (name !== undefined && ts.isPrivateIdentifier(name)) ||
    (ts.getCombinedModifierFlags(declaration) & HIDDEN) !== 0
  );
}

function isDeclaredIn(symbol: ts.Symbol, folder: string): boolean {
  const declarations = symbol.declarations ?? [];
  return declarations.some((declaration) =>
    declaration.getSourceFile().fileName.startsWith(`${folder}/`),
  );
}
