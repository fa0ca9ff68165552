package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"headgate/destinations"
	"headgate/destinations/tables"
)

// Erase removes the rows of someone. The user needs the right DELETE on the table, which nothing else does.
func (d *Driver) Erase(ctx context.Context, p destinations.Person) (out destinations.Erased, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	if err := d.preparer.Prepare(ctx); err != nil {
		return out, err
	}
	err = d.with(ctx, func(conn *pgx.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) (err error) {
			out, err = d.preparer.Remove(tables.Theirs(p, quote, "lower")+" = ANY($1)", func(statement string) (int64, error) {
				tag, err := tx.Exec(ctx, statement, p.Values)
				if err != nil {
					return 0, errors.New(words(err))
				}
				return tag.RowsAffected(), nil
			})
			return err
		})
	})
	if err != nil {
		out = destinations.Erased{}
	}
	return out, err
}
