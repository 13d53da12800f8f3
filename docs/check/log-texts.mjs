// Finds the texts that lib/ gives to loggers, in its source.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** The receiver's terminal is not the application's log. */
const WITHOUT_LOG = /^(?:local|testing|cli)/;

/** Methods that write a line; it is the last argument. */
const WRITES = new Set(['log', 'warn', 'error']);
const WRITER = /[lL]ogger|warnings/;

/** Names of messages that stand in a constant. */
const CONSTANT = /^[A-Z][A-Z_]+$/;

/** What is not known of a text before it is written. */
const UNKNOWN = '\t';

/**
 * @returns `written`: what is given to a logger, as far as it stands there or in a
 * constant; `all`: every text of the code
 */
export function logTexts(lib) {
  const sources = readdirSync(lib, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !WITHOUT_LOG.test(file))
    .map((file) => {
      const text = readFileSync(join(lib, file), 'utf8');
      return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
    });
  const constants = new Map();
  const all = [];
  for (const node of nodesOf(sources)) {
    const text = textOf(node);
    if (text !== undefined) all.push(text);
    if (ts.isVariableDeclaration(node) && node.initializer) {
      const { initializer: value } = node;
      const body = ts.isArrowFunction(value) ? value.body : value;
      const constant = textOf(body);
      const name = node.name.getText();
      if (constant !== undefined && CONSTANT.test(name)) {
        constants.set(name, constant);
      }
    }
  }
  const written = [];
  for (const node of nodesOf(sources)) {
    const argument = loggedBy(node);
    if (argument === undefined) continue;
    const name = ts.isCallExpression(argument) ? argument.expression : argument;
    const text = textOf(argument) ?? constants.get(name.getText());
    if (text === undefined) continue;
    written.push({ file: node.getSourceFile().fileName, text });
  }
  return { written, all };
}

function* nodesOf(nodes) {
  for (const node of nodes) {
    yield node;
    const children = [];
    ts.forEachChild(node, (child) => void children.push(child));
    yield* nodesOf(children);
  }
}

function loggedBy(node) {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression: callee, arguments: given } = node;
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const method = callee.name.text;
  const isWritten =
    callee.expression.getText() === 'this'
      ? // Helpers of a class, unless they add to what they are given.
        method === 'write' || (method === 'warn' && given.length === 1)
      : WRITES.has(method) && WRITER.test(callee.expression.getText());
  return isWritten ? given.at(-1) : undefined;
}

/** A text that stands there, or is put together. */
function textOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression);
  if (ts.isTemplateExpression(node)) {
    const rest = node.templateSpans.map(({ literal }) => literal.text);
    return [node.head.text, ...rest].join(UNKNOWN);
  }
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.PlusToken
  ) {
    const { left, right } = node;
    return (textOf(left) ?? UNKNOWN) + (textOf(right) ?? UNKNOWN);
  }
  return undefined;
}
