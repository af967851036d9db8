import type { DomainName } from '../../domain/domain-name.ts';
import { fetchDocument, type Outcome, outcomeText } from './answers.ts';
import type { CheckContext } from './context.ts';
import { Findings } from './finding.ts';
import { AUTOCONFIG_PATH, autoconfigExpectation, get, query } from './questions.ts';

export interface MxOutcome {
  readonly findings: Findings;
  /** Where clients that follow the MX ask, and what they get; undefined: they have no MX to follow, or come to autoconfig.D by it. */
  readonly path: { readonly host: string; readonly outcome: Outcome } | undefined;
}

/**
 * The way by the MX record (draft-ietf-mailmaint-autoconfig, "MX"): only the best host counts, without its first label. It
 * is how a hoster answers for domains in whose zones there is nothing but the MX.
 */
export async function checkMx(context: CheckContext): Promise<MxOutcome> {
  const { dns, domain } = context;
  const findings = new Findings();
  const answer = await dns.mx(domain.name);
  if (answer.state === 'unknown') {
    findings.unknown('mx', domain.name, answer.reason);
    return { findings, path: undefined };
  }
  const [best] = answer.state === 'found' ? answer.records : [];
  if (best === undefined || best.exchange === '') {
    const found = best === undefined ? 'no MX record' : 'MX ".", which says that the domain takes no mail';
    const advice =
      best === undefined
        ? `Other servers send mail for ${domain.name} to its own address, if it has one: publish an MX record, unless that is meant.`
        : `Nobody can send mail to ${domain.name}: publish its MX record, unless that is meant.`;
    findings.add('mx', 'note', domain.name, { expected: 'an MX record', found, advice });
    return { findings, path: undefined };
  }
  const parent = best.exchange.slice(best.exchange.indexOf('.') + 1);
  if (!parent.includes('.')) {
    findings.ok('mx', domain.name, `${best.exchange}, from which no client goes on`);
    return { findings, path: undefined };
  }
  if (parent === domain.name) {
    findings.ok('mx', domain.name, `${best.exchange}, from which clients come to autoconfig.${parent}, too`);
    return { findings, path: undefined };
  }
  const host = `autoconfig.${parent}` as DomainName;
  const question = get(`${AUTOCONFIG_PATH}?${query(context)}`);
  const { outcome, url } = await fetchDocument(context, host, question, autoconfigExpectation(context));
  if (outcome.kind === 'unknown') findings.unknown('mx', url, outcome.reason);
  else if (outcome.kind === 'ours') findings.ok('mx', url, outcomeText(outcome));
  else {
    const advice = `Clients that follow the MX ask ${host}, and get no settings: that does not matter as long as autoconfig.${domain.name} answers.`;
    findings.add('mx', 'note', url, { expected: 'the settings', found: outcomeText(outcome), advice });
  }
  return { findings, path: { host, outcome } };
}
