// Asks, shows the answer as it comes, and then the trace of it.

const conversation = document.querySelector('#conversation');
const suggestions = document.querySelector('#suggestions');
const composer = document.querySelector('#composer');
const { question: input } = composer.elements;
const send = document.querySelector('#send');
const stop = document.querySelector('#stop');
const template = document.querySelector('#exchange');

/** One conversation for each tab; in Langfuse it is a session. */
const session = (sessionStorage.session ??= crypto.randomUUID().slice(0, 8));

/** Ends the answer that is being read; undefined when none is. */
let stopAnswer;

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  ask(input.value.trim());
});
stop.addEventListener('click', () => stopAnswer?.());
suggestions.addEventListener('click', ({ target }) => {
  if (target instanceof HTMLButtonElement) ask(target.textContent);
});

function ask(question) {
  if (question === '' || stopAnswer) return;
  composer.reset();
  const { answer, trace } = addExchange(question);
  const query = new URLSearchParams({ question, session });
  const source = new EventSource(`chat?${query}`);
  let traceId;

  const end = (state) => {
    // Closes the connection: on the server the answer ends here.
    source.close();
    answer.dataset.state = state;
    setBusy(undefined);
    if (traceId) void showTrace(traceId, trace);
  };
  source.addEventListener('message', ({ data, lastEventId }) => {
    traceId ??= lastEventId;
    answer.append(data);
    scrollDown();
  });
  source.addEventListener('done', () => end('complete'));
  source.addEventListener('error', () => end('failed'));
  setBusy(() => end('stopped'));
}

function addExchange(question) {
  const exchange = template.content.cloneNode(true);
  const [asked, answer] = exchange.querySelectorAll('p');
  const trace = exchange.querySelector('.trace');
  asked.textContent = question;
  answer.dataset.state = 'streaming';
  conversation.append(exchange);
  scrollDown();
  return { answer, trace };
}

function setBusy(onStop) {
  stopAnswer = onStop;
  const isBusy = onStop !== undefined;
  suggestions.hidden = isBusy;
  send.hidden = isBusy;
  stop.hidden = !isBusy;
  if (!isBusy) {
    conversation.append(suggestions);
    input.focus();
  }
}

async function showTrace(traceId, section) {
  const response = await fetch(`traces/${traceId}`);
  if (!response.ok) return;
  const { tree, url } = await response.json();
  const [title, body] = section.children;
  const [headline, ...rows] = (tree ?? `trace ${traceId}`).split('\n');
  title.textContent = headline;
  if (tree) body.append(...highlighted(rows.join('\n')));
  else body.append(url ? linkTo(url) : 'its address is not known');
  section.hidden = false;
  scrollDown();
}

/** What tells of a reader who left stands out. */
function highlighted(tree) {
  return tree
    .split(/(WARNING [^·\n]*\w|stopped after [^·\n]*\w)/)
    .map((text) => {
      const isMark = /^(WARNING|stopped after) /.test(text);
      return isMark ? element('mark', { textContent: text }) : text;
    });
}

function linkTo(href) {
  return element('a', { href, textContent: href, target: '_blank' });
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function scrollDown() {
  window.scrollTo({ top: document.body.scrollHeight });
}
