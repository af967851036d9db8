import { type Fetched, fetchDocument } from './answers.ts';
import { type AutodiscoverElsewhere, checkHttp, checkJson } from './autodiscover-ways.ts';
import { checkCertificates } from './certificates.ts';
import type { CheckContext } from './context.ts';
import type { Findings } from './finding.ts';
import { judgeRequired, judgeSite } from './judgements.ts';
import { autodiscoverExpectation, autodiscoverQuestion } from './questions.ts';
import type { SrvOutcome } from './srv.ts';

export interface AutodiscoverOutcome {
  readonly autodiscover: Fetched;
  readonly site: Fetched;
  /** At the target of the SRV record; undefined: there is none. */
  readonly srv: AutodiscoverElsewhere | undefined;
  /** To which plain http leads. */
  readonly http: AutodiscoverElsewhere | undefined;
}

/** What clients of Autodiscover ask ([MS-OXDISCO] section 3.1.5): the domain, its own name, plain http, and SRV. */
export async function checkAutodiscover(
  findings: Findings,
  context: CheckContext,
  { seen }: SrvOutcome,
): Promise<AutodiscoverOutcome> {
  const { domain, now, service } = context;
  const host = `autodiscover.${domain.name}`;
  const answer = seen.get('autodiscover');
  const records = answer?.state === 'found' ? answer.records : [];
  const target = records.find((record) => record.target !== '')?.target;
  const ask = (name: string): Promise<Fetched> =>
    fetchDocument(context, name, autodiscoverQuestion(context), autodiscoverExpectation(context));
  const [autodiscover, site, atTarget, http] = await Promise.all([
    ask(host),
    ask(domain.name),
    target === undefined ? undefined : ask(target),
    checkHttp(findings, context),
    checkJson(findings, context),
  ]);
  judgeRequired(findings, 'autodiscover', autodiscover, service);
  checkCertificates(findings, host, host, { certificates: autodiscover.certificates, now, check: 'certificate' });
  if (atTarget !== undefined && atTarget.name !== host) {
    // It is needed where the name of its own does not answer.
    const severity = autodiscover.outcome.kind === 'ours' ? 'warning' : 'error';
    const { certificates, name } = atTarget;
    judgeRequired(findings, 'autodiscover', atTarget, service, severity);
    checkCertificates(findings, name, name, { certificates, now, check: 'certificate', severity });
  }
  judgeSite(findings, 'autodiscover-web-site', site, service);
  const srv = atTarget && { target: atTarget.name, outcome: atTarget.outcome };
  return { autodiscover, site, srv, http };
}
