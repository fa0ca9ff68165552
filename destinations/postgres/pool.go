package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// with does something over a connection. One that was kept may have been closed meanwhile, which does not mean that the server is failing:
// it is done once more, over a new one.
func (d *Driver) with(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, kept, err := d.borrow(ctx)
	if err != nil {
		return err
	}
	err = do(conn)
	if kept && err != nil && conn.IsClosed() && ctx.Err() == nil {
		if conn, err = pgx.ConnectConfig(ctx, d.config); err != nil {
			return err
		}
		err = do(conn)
	}
	d.release(conn)
	return err
}

// borrow returns a connection that was kept, or a new one.
func (d *Driver) borrow(ctx context.Context) (conn *pgx.Conn, kept bool, err error) {
	select {
	case conn = <-d.idle:
		return conn, true, nil
	default:
		conn, err = pgx.ConnectConfig(ctx, d.config)
		return conn, false, err
	}
}

// release keeps a connection for the next transaction, unless it is broken or enough are kept.
func (d *Driver) release(conn *pgx.Conn) {
	if !conn.IsClosed() && conn.PgConn().TxStatus() == 'I' {
		select {
		case d.idle <- conn:
			return
		default:
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // it holds no data of ours
}

// Close closes the connections that are kept.
func (d *Driver) Close(ctx context.Context) error {
	var errs []error
	for {
		select {
		case conn := <-d.idle:
			errs = append(errs, conn.Close(ctx))
		default:
			return errors.Join(errs...)
		}
	}
}
