"""The commands of TeX that have signs in Unicode, and those that are read otherwise."""

SYMBOLS = {
    name: sign
    for pairs in (
        "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ",
        "lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ",
        "phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ",
        "Phi Φ Psi Ψ Omega Ω leq ≤ le ≤ geq ≥ ge ≥ leqslant ⩽ geqslant ⩾ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼",
        "simeq ≃ cong ≅ propto ∝ ll ≪ gg ≫ pm ± mp ∓ times × div ÷ cdot · ast ∗ star ⋆ circ ∘ bullet •",
        "oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ dagger † cap ∩ cup ∪ setminus ∖ subset ⊂ supset ⊃ subseteq ⊆",
        "supseteq ⊇ in ∈ notin ∉ ni ∋ emptyset ∅ varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ land ∧",
        "wedge ∧ lor ∨ vee ∨ to → rightarrow → leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ implies ⇒",
        "Leftrightarrow ⇔ iff ⇔ mapsto ↦ longrightarrow ⟶ uparrow ↑ downarrow ↓ rightleftharpoons ⇌ sum ∑",
        "prod ∏ int ∫ iint ∬ iiint ∭ oint ∮ partial ∂ nabla ∇ infty ∞ degree ° angle ∠ perp ⊥ parallel ∥ mid |",
        "vert | Vert ‖ lvert | rvert | langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ ldots … dots …",
        "cdots ⋯ vdots ⋮ ddots ⋱ hbar ℏ ell ℓ Re ℜ Im ℑ aleph ℵ prime ′ triangle △ square □ therefore ∴",
        "because ∵ checkmark ✓ vdash ⊢ models ⊨ top ⊤ bot ⊥ colon : lbrace { rbrace } backslash \\ gets ←",
    )
    for name, sign in zip(pairs.split()[::2], pairs.split()[1::2], strict=True)
}
NAMES = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "coth",
        "log",
        "ln",
        "lg",
        "exp",
        "lim",
        "limsup",
        "liminf",
        "max",
        "min",
        "sup",
        "inf",
        "arg",
        "det",
        "dim",
        "ker",
        "deg",
        "gcd",
        "lcm",
        "mod",
        "Pr",
        "argmax",
        "argmin",
        "tg",
        "ctg",
        "arctg",
        "sgn",
    ]
)
SILENT = frozenset(
    [
        "left",
        "right",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "middle",
        "limits",
        "nolimits",
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "mathstrut",
        "strut",
        "nonumber",
    ]
)
PLAIN = frozenset(
    [
        "text",
        "textbf",
        "textit",
        "textrm",
        "texttt",
        "mathrm",
        "mathbf",
        "mathit",
        "mathsf",
        "mathtt",
        "mathcal",
        "mathscr",
        "mathfrak",
        "operatorname",
        "operatorname*",
        "boldsymbol",
        "bm",
        "mbox",
        "hbox",
        "boxed",
        "underbrace",
        "overbrace",
        "pmb",
    ]
)
SPACES = {"quad": " ", "qquad": " ", ",": " ", ";": " ", ":": " ", " ": " ", "\n": " ", "!": "", "\\": "\n"}
ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0305",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "tilde": "\u0303",
    "underline": "\u0332",
    "not": "\u0338",
}
DOUBLE_STRUCK = dict(zip("RNZQCPEFHAB1", "ℝℕℤℚℂℙ𝔼𝔽ℍ𝔸𝔹𝟙", strict=True))
RAISED = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδθφ′ ∘",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᶿᵠ′ °",
        strict=True,
    )
)
LOWERED = dict(
    zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ ", strict=True)
)
BRACKETS = {
    "pmatrix": "()",
    "bmatrix": "[]",
    "vmatrix": "||",
    "Bmatrix": "{}",
    "Vmatrix": "‖‖",
    "matrix": "  ",
}
LINED = frozenset(
    [
        "aligned",
        "align",
        "align*",
        "equation",
        "equation*",
        "gather",
        "gather*",
        "gathered",
        "cases",
        "split",
        "array",
    ]
)
