// What visitors searched for on the site, and whether it led anywhere.

import { count, percent } from "../format";
import type { Searches } from "../insight";
import { to } from "../route";
import { Scroll } from "./page";

export function SearchTable({ rows }: { rows: Searches["rows"] }) {
  if (rows.length === 0) return <p class="none">No search in the time chosen. Searches are <code>search</code> and <code>view_search_results</code> with <code>params.search_term</code>.</p>;
  return (
    <Scroll label="Searches">
      <table>
        <thead><tr><th scope="col">Term</th><th scope="col" class="n">Searches</th><th scope="col" class="n hide-s">Visitors</th><th scope="col" class="n">Led to a click</th><th scope="col" class="n">Ended there</th></tr></thead>
        <tbody>
          {rows.slice(0, 12).map((r) => (
            <tr key={r.term}><th scope="row" class="words"><a href={to("/live", { where: `params.search_term == ${JSON.stringify(r.term)}` })}>{r.term}</a></th><td class="n">{count(r.searches)}</td><td class="n hide-s">{count(r.visitors)}</td><td class="n">{percent(r.clicked, r.searches)}</td><td class="n">{percent(r.nothing_after, r.searches)}</td></tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
