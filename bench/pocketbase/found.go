package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

const password = "示例口令-示例口令-01" // of everybody here; bench/serve signs in with it

// units are the districts of the built-in scheme. Each has a user, whose
// address is the unit's id at example.com.
var units = []string{"jixian", "youyi", "baoqing", "raohe", "jianshan", "lingdong", "sifangtai", "baoshan", "jingkaiqu"}

var (
	sectors = []string{"primary", "secondary", "tertiary"}
	states  = []string{"handed_over", "submitted", "in_review", "returned", "recognised", "refused", "withdrawn", "revoked"}
)

// found makes the collections and the users.
func found(app core.App) error {
	// Without a superuser it would open a browser to ask for one.
	supers, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	super := core.NewRecord(supers)
	super.SetEmail("admin@example.com")
	super.SetPassword(password)
	if err := app.Save(super); err != nil {
		return err
	}

	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.Add(&core.TextField{Name: "unit"})
	if err := app.Save(users); err != nil {
		return err
	}
	for _, unit := range units {
		user := core.NewRecord(users)
		user.SetEmail(unit + "@example.com")
		user.SetPassword(password)
		user.SetVerified(true)
		user.Set("unit", unit)
		if err := app.Save(user); err != nil {
			return err
		}
	}
	if err := app.Save(records()); err != nil {
		return err
	}
	files := core.NewBaseCollection("files")
	files.CreateRule = types.Pointer(`@request.auth.id != ""`)
	files.ViewRule = files.CreateRule
	files.Fields.Add(&core.FileField{Name: "file", MaxSelect: 1, MaxSize: 50 << 20, Required: true})
	return app.Save(files)
}

// records is the collection of records: the fields of a domestic lead, those
// that every record has, and the index that each list of bench/serve is best
// answered from. A user submits for their own unit, as there.
func records() *core.Collection {
	c := core.NewBaseCollection("records")
	c.ListRule = types.Pointer(`@request.auth.id != ""`)
	c.ViewRule = c.ListRule
	c.CreateRule = types.Pointer(`@request.auth.unit = unit && state = "submitted"`)
	for _, name := range []string{"kind", "unit", "name"} {
		c.Fields.Add(&core.TextField{Name: name, Required: true})
	}
	c.Fields.Add(
		&core.SelectField{Name: "state", Values: states, MaxSelect: 1, Required: true},
		&core.NumberField{Name: "amount_yi"},
		&core.DateField{Name: "first_contact_on"},
		&core.SelectField{Name: "sector", Values: sectors, MaxSelect: 1},
		&core.AutodateField{Name: "reported_at", OnCreate: true},
	)
	for _, name := range []string{"target_company", "content", "company_region", "lead_source", "progress", "next_step", "remarks"} {
		c.Fields.Add(&core.TextField{Name: name})
	}
	c.AddIndex("records_amount", false, "unit, kind, state, amount_yi", "")
	c.AddIndex("records_place", false, "unit, kind, state, reported_at", "")
	return c
}

// take takes records in, all in one transaction.
func take(app core.App, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	c, err := app.FindCollectionByNameOrId("records")
	if err != nil {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			fields := map[string]any{}
			if err := json.Unmarshal(lines.Bytes(), &fields); err != nil {
				return err
			}
			// In a records file the state is told by times.
			fields["state"] = "submitted"
			switch {
			case fields["revoked_at"] != nil:
				fields["state"] = "revoked"
			case fields["recognized_at"] != nil:
				fields["state"] = "recognised"
			}
			record := core.NewRecord(c)
			for field, value := range fields {
				if field != "id" && c.Fields.GetByName(field) != nil {
					record.Set(field, value)
				}
			}
			if at, err := types.ParseDateTime(fields["reported_at"]); err == nil {
				record.SetRaw("reported_at", at)
			}
			if err := tx.Save(record); err != nil {
				return err
			}
		}
		return lines.Err()
	})
}
