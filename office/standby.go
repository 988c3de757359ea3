package office

import (
	"context"

	"qiaomen"
	"qiaomen/store"
)

// StandBy asks somebody who stands at the machine itself to prove who they are,
// as for a restore (separation 18): by password and second factor, counted and
// refused as any sign-in is, but without a session. From which addresses
// administrators may sign in does not matter here. An account that nobody has
// taken up yet has no password; its one-time code does for it, however old, and
// is not used up.
func (o *Office) StandBy(ctx context.Context, a SigningIn) (account string, err error) {
	k := &knock{code: a.Code, said: "密码不对"}
	if err := o.knocking(ctx, k, a.Login); err != nil {
		return "", err
	}
	k.policy.AdminAddresses = nil
	switch {
	case k.slowed:
	case k.account != nil && k.secret.Password == "" && k.secret.FirstCode != "":
		k.first, k.said = true, "一次性代码不对"
		k.right = k.secret.holds(a.Password, "")
	default:
		if k.right, err = o.hash.matches(ctx, a.Password, k.secret.Password); err != nil {
			return "", err
		}
	}
	err = o.decideKnock(ctx, k, func(tx *store.Tx, _ bool) error {
		return tx.Emit(&qiaomen.IdentityProved{Account: k.account.ID})
	})
	if err != nil {
		return "", err
	}
	return k.account.ID, nil
}
