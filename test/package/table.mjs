/** What passed, as a table in Markdown. */
export class Table {
  #columns = new Set();
  #rows = new Map();

  constructor(title) {
    this.title = title;
  }

  set(row, column, passed) {
    this.#columns.add(column);
    if (!this.#rows.has(row)) this.#rows.set(row, new Map());
    this.#rows.get(row).set(column, passed ? 'ok' : 'FAIL');
  }

  print() {
    const columns = [...this.#columns];
    const lines = [
      [this.title, ...columns],
      ['---', ...columns.map(() => '---')],
      ...[...this.#rows].map(([row, cells]) => [
        row,
        ...columns.map((column) => cells.get(column) ?? '–'),
      ]),
    ];
    console.log();
    for (const line of lines) console.log(`| ${line.join(' | ')} |`);
  }
}
