/** What is printed around the tour. */

export function welcome(url: string, traces: string, answers: string) {
  return [
    'An assistant that answers questions about the documents of nestjs-langfuse',
    '',
    `  application  ${url}`,
    `  traces       ${traces}`,
    `  answers      ${answers}`,
  ];
}

export function whatNext(url: string, hasKeys: boolean) {
  const json = `-H 'content-type: application/json'`;
  return [
    '',
    'Try it:',
    '',
    `  curl ${url}/ask ${json} \\`,
    `    -d '{"question":"What does flush() do?","userId":"you","sessionId":"mine"}'`,
    `  curl ${url}/feedback ${json} \\`,
    `    -d '{"traceId":"<from the answer>","value":1,"comment":"helpful"}'`,
    '',
    'Read it:  sample/01-quickstart/README.md says which file shows what',
    ...(hasKeys
      ? []
      : [
          'Send it:  LANGFUSE_BASE_URL=… LANGFUSE_PUBLIC_KEY=… LANGFUSE_SECRET_KEY=… npm start',
        ]),
    'End it:   Ctrl-C sends what is queued and prints the ledger',
  ];
}
