package celpolicy

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// sizes tells the cost model how large the variables can be.
type sizes struct{}

// EstimateSize bounds texts and lists of texts.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if len(n.Path()) == 0 {
		return nil
	}
	text := cost.RangedSizeEstimate(0, maxText)
	switch n.Type().Kind() {
	case types.StringKind:
		return &text
	case types.ListKind:
		list := cost.ListSizeEstimate(cost.RangedSizeEstimate(0, maxList), text)
		return &list
	}
	return nil
}

// EstimateCallCost charges a pattern for every instruction at every byte, which is what the worst input costs.
func (sizes) EstimateCallCost(function, _ string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if function != "matches" || len(args) == 0 {
		return nil
	}
	text, pattern := args[0], args[len(args)-1].Expr()
	if target != nil {
		text = *target
	}
	if pattern.Kind() != ast.LiteralKind {
		return nil
	}
	s, _ := pattern.AsLiteral().(types.String)
	n, err := patternSize(string(s))
	if err != nil {
		return nil
	}
	size := cost.EstimateSize(sizes{}, text).Add(cost.FixedSizeEstimate(1))
	return cost.NewCallEstimate(size.MultiplyByCostFactor(float64(n)/10), nil)
}
