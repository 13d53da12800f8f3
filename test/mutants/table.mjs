// What became of the mutants, file by file.

const COLUMNS = ['mutants', 'simulator', 'tests', 'equivalent', 'survived'];

/** @param {readonly { mutant: { file: string, equivalent?: string }, by?: 'simulator' | 'tests' }[]} results */
export function table(results) {
  const rows = new Map();
  const total = rowOf();
  for (const { mutant, by } of results) {
    const row = rows.get(mutant.file) ?? rowOf();
    rows.set(mutant.file, row);
    const column = by ?? (mutant.equivalent ? 'equivalent' : 'survived');
    for (const each of [row, total]) {
      each.mutants += 1;
      each[column] += 1;
    }
  }
  const named = [
    ...[...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [`${rows.size} files`, total],
  ];
  const width = Math.max(...named.map(([name]) => name.length));
  const line = (name, cells) =>
    [
      name.padEnd(width),
      ...cells.map((cell, i) => `${cell}`.padStart(COLUMNS[i].length)),
    ].join('  ');
  return [
    line('', COLUMNS),
    ...named.map(([name, row]) =>
      line(
        name,
        COLUMNS.map((column) => row[column]),
      ),
    ),
    '',
  ].join('\n');
}

function rowOf() {
  return Object.fromEntries(COLUMNS.map((column) => [column, 0]));
}
