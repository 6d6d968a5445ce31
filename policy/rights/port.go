package rights

import (
	"slices"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// Parts of an answer to a request for portability.
const (
	PartExport         = "export"
	PartDirectTransfer = "direct-transfer"
)

// portability reaches what the person provided, on consent or for a contract, in automated processing (GDPR Art. 20(1)).
func (d *Desk) portability(p *person, req *Request, o *Outcome) error {
	err := d.each(req, o, Granted, func(h *Holding, x *Item) error {
		portable, err := d.portableBasis(p, h, req.Facts)
		if err != nil {
			return err
		}
		if h.Origin != Provided && h.Origin != Observed {
			from := h.Origin.String()
			if from == "" {
				from = "of unknown origin"
			}
			x.Reasons = append(x.Reasons, Reason{Code: CodeNotProvided, Param: from})
		}
		if !portable {
			x.Reasons = append(x.Reasons, Reason{Code: CodeNotPortable})
		}
		if h.Manual {
			x.Reasons = append(x.Reasons, Reason{Code: CodeNotAutomated})
		}
		if len(x.Reasons) > 0 {
			x.Result = Outside
		}
		return nil
	})
	if err != nil {
		return err
	}
	held := slices.ContainsFunc(o.Items, func(x Item) bool { return !x.Silent })
	if held && o.Result == Granted && len(o.Of(Granted)) == 0 {
		o.Result = Refused
		o.because(CodeNothingPortable, "")
	}
	if req.TransferTo == "" || o.Result == Refused || o.Result == Referred {
		return nil
	}
	export, direct := Item{Part: PartExport, Holding: -1, Result: Granted}, Item{Part: PartDirectTransfer, Holding: -1, Result: Granted}
	if !req.TransferFeasible {
		direct.Result, direct.Reasons = Refused, []Reason{{Code: CodeTransferInfeasible}}
	}
	o.Items = append(o.Items, export, direct)
	o.settle(Granted)
	return nil
}

// portableBasis reports whether the datum is held on consent or for a contract: as the holding says, or on what the
// person's state bears out.
func (d *Desk) portableBasis(p *person, h *Holding, facts purpose.Facts) (bool, error) {
	if h.Basis != 0 {
		return h.Basis == basis.Consent || h.Basis == basis.Contract, nil
	}
	k, err := d.keeping(p, h, facts)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(k.Uses, func(u Use) bool {
		return u.Live && (slices.Contains(u.Bases, basis.Consent) || slices.Contains(u.Bases, basis.Contract))
	}), nil
}
