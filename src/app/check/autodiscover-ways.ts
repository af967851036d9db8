import { AUTODISCOVER_PATH } from '../../adapters/http/formats/autodiscover.ts';
import { addressText } from '../../domain/email-address.ts';
import { fetchDocument, type Outcome } from './answers.ts';
import { askSite, type CheckContext, ownTrouble } from './context.ts';
import type { Findings } from './finding.ts';
import { autodiscoverExpectation, autodiscoverQuestion, get } from './questions.ts';

/** A host to which Outlook is led, which asks its user whether it may go there, and what it gets there. */
export interface AutodiscoverElsewhere {
  readonly target: string;
  readonly outcome: Outcome;
}

/** Plain http must lead Outlook to https, if it answers at all: at the same host, or at one that gives the settings. */
export async function checkHttp(findings: Findings, context: CheckContext): Promise<AutodiscoverElsewhere | undefined> {
  // What listens at another port speaks TLS.
  if (context.connectTo?.port !== undefined) return undefined;
  const name = `autodiscover.${context.domain.name}`;
  const url = `http://${name}${AUTODISCOVER_PATH}`;
  const { answers } = await askSite(context, name, get(AUTODISCOVER_PATH, 'http'));
  let elsewhere: AutodiscoverElsewhere | undefined;
  for (const { answer } of answers.slice(0, 1)) {
    const trouble = ownTrouble(answer);
    if (trouble !== undefined) findings.unknown('autodiscover-http', url, trouble);
    else if (answer.state === 'unreachable') findings.ok('autodiscover-http', url, `no answer (${answer.code})`);
    else if (answer.location === '') findings.ok('autodiscover-http', url, `status ${answer.status}`);
    else {
      const to = URL.parse(answer.location);
      const found = `${answer.status} to ${answer.location}`;
      const isSecure = to?.protocol === 'https:' && to.port === '';
      if (isSecure && to.hostname !== name) {
        const question = { ...autodiscoverQuestion(context), path: to.pathname + to.search };
        const { outcome } = await fetchDocument(context, to.hostname, question, autodiscoverExpectation(context));
        elsewhere = { target: to.hostname, outcome };
      }
      if (isSecure && (elsewhere === undefined || elsewhere.outcome.kind === 'ours'))
        findings.ok('autodiscover-http', url, found);
      else {
        const advice = `Outlook follows a redirect from here: let it lead to https://${name}${AUTODISCOVER_PATH}, or answer 404.`;
        findings.add('autodiscover-http', 'warning', url, { expected: `302 to https://${name}`, found, advice });
      }
    }
  }
  return elsewhere;
}

/** Autodiscover V2, with which newer Outlooks begin. */
export async function checkJson(findings: Findings, context: CheckContext): Promise<void> {
  const name = `autodiscover.${context.domain.name}`;
  const path = `/autodiscover/autodiscover.json?Email=${encodeURIComponent(addressText(context.user.address))}&Protocol=AutodiscoverV1`;
  const url = `https://${name}${path}`;
  const { answers } = await askSite(context, name, get(path));
  for (const { answer } of answers.slice(0, 1)) {
    // The same connection has been judged already.
    if (answer.state === 'unreachable') return;
    const said = new TextDecoder().decode(answer.body);
    const isRight = answer.status === 200 && /"Url":"https:[^"]*\/autodiscover\/autodiscover\.xml"/i.test(said);
    if (isRight) findings.ok('autodiscover-json', url, 'status 200 with a URL');
    else {
      const advice = `Newer Outlooks begin here: lead the path to ${context.service}, too.`;
      findings.add('autodiscover-json', 'warning', url, {
        expected: 'status 200 with a URL',
        found: `status ${answer.status}`,
        advice,
      });
    }
  }
}
