import type * as Ldapts from 'ldapts';
import type { SearchFilter } from '../../domain/search-filter.ts';

/** The filter in the driver's form. */
export function driverFilter(driver: typeof Ldapts, filter: SearchFilter): Ldapts.Filter {
  const all = (filters: readonly SearchFilter[]) => ({ filters: filters.map((part) => driverFilter(driver, part)) });
  switch (filter.kind) {
    case 'and':
      return new driver.AndFilter(all(filter.filters));
    case 'or':
      return new driver.OrFilter(all(filter.filters));
    case 'not':
      return new driver.NotFilter({ filter: driverFilter(driver, filter.filter) });
    case 'present':
      return new driver.PresenceFilter(filter);
    case '=':
      return new driver.EqualityFilter(filter);
    case '~=':
      return new driver.ApproximateFilter(filter);
    case '>=':
      return new driver.GreaterThanEqualsFilter(filter);
    case '<=':
      return new driver.LessThanEqualsFilter(filter);
    case 'substrings':
      return new driver.SubstringFilter({ ...filter, any: [...filter.any] });
    case ':=': {
      const { attribute: matchType, withDn: dnAttributes, rule, value } = filter;
      return new driver.ExtensibleFilter({ matchType, dnAttributes, rule, value });
    }
  }
}
