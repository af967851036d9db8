import { Failure } from '../../../domain/failure.ts';
import type { Request } from '../request.ts';

/** Throws not_permitted unless the request comes from this machine itself; `otherwise`: what the operator can do. */
export function requireLoopback({ origin }: Request, otherwise: string): void {
  if (!origin.isLoopback()) throw new Failure('not_permitted', `Only this machine itself may do this${otherwise}`);
}
