package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"headgate/destinations"
)

// Erase removes the rows of somebody. The user needs the right DELETE on the table, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (destinations.Erased, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	conn, _, err := d.take(ctx)
	if err != nil {
		return destinations.Erased{}, err
	}
	defer d.giveBack(conn)
	if err := d.prepare(ctx, conn); err != nil {
		return destinations.Erased{}, err
	}
	tag, err := conn.Exec(ctx, d.table.erasure(p), p.Values)
	if err != nil {
		return destinations.Erased{}, fmt.Errorf("delete rows of %s: %s", strings.Join(d.table.name, "."), words(err))
	}
	return destinations.Erased{Removed: tag.RowsAffected()}, nil
}

// erasure deletes the rows in which the person's field has one of the texts of $1.
func (t *table) erasure(p destinations.Person) string {
	column := pgx.Identifier{strings.ReplaceAll(p.Field, ".", "_")}.Sanitize()
	if p.AnyCase {
		column = "lower(" + column + ")"
	}
	return fmt.Sprintf("DELETE FROM %s WHERE %s = ANY($1)", t.name.Sanitize(), column)
}
