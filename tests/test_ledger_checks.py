"""What the course's texts say beside their tables: computed again, printed told from said."""

from fractions import Fraction
from itertools import combinations

import pytest
import torch
import torch.nn.functional as F

from cnnviz.ledger import Verdict
from cnnviz.ledger.checks import COMPUTE, checks, families_with_checks
from cnnviz.ledger.checks.batch_norm import REMEDIES, listed_batch_norm
from cnnviz.ledger.compare import course_checks
from cnnviz.ledger.printed import parse_number
from cnnviz.zoo import FAMILIES, PRESETS

EXACT, ROUNDED, CUT, DIFFERENT, ABSENT = Verdict


def check(family, compute):
    """The row of a check of the course."""
    names = [one.compute for one in checks(family)]
    return checked_rows(family)[names.index(compute)]


def checked_rows(family):
    return [row for comparison in course_checks(family) for row in comparison.rows]


def test_every_sum_that_is_defined_is_used():
    used = {one.compute for family in families_with_checks() for one in checks(family)}
    assert used == set(COMPUTE)


def test_no_sum_of_the_course_has_a_stale_reason():
    for family in FAMILIES:
        for one, row in zip(checks(family), checked_rows(family), strict=True):
            assert (one.reason is None) is row.verdict.agrees, one.compute
            assert row.why == tuple(filter(None, (one.reason, one.note)))


def test_a_number_that_no_text_prints_stands_beside_what_the_text_says():
    """Read in the course's texts: these are said in words, or follow from a formula; others are
    printed as digits."""
    derived = {
        one.compute for family in families_with_checks() for one in checks(family) if one.says
    }
    assert derived == {
        *("height_after_a_padded_5x5", "four_after_batch_norm", "corner_of_a_padded_max_pooling"),
        *("layers_that_fail_at_batch_1", "softmax_layers_of_lenet", "channels_that_a_1x1_mixes"),
        *("remedies_of_the_listing", "widths_of_vgg", "lead_of_alexnet", "conv3_of_3a_macs"),
        *("transitions_of_densenet", "residual_additions_of_inception_v4"),
        # slips that are only said
        *("pooled_blocks_of_nin", "pixels_that_a_1x1_sees", "pooled_map_of_ones"),
        *("activations_of_3a", "resnets_of_3_4_6_3", "doublings_of_vgg"),
        *("convolutions_after_batch_norm_and_relu", "largest_after_batch_norm"),
        *("change_by_identity_layers", "maps_joined_in_resnet"),
        *("share_not_negative_after_batch_norm", "density_of_a_1x1_beside_the_5x5"),
        "macs_of_a_tower_beside_no_towers",
    }
    for family in families_with_checks():
        for one, row in zip(checks(family), checked_rows(family), strict=True):
            assert row.cells["result"].says == one.says


def test_the_course_divides_by_the_root_of_the_variance():
    """Its σ is the mean of (x − μ)², so that √(σ + ε) is the standard deviation: no slip."""
    batch = torch.tensor([4.0, -4.0])
    sigma = (batch - batch.mean()).square().mean()
    assert sigma == 16
    assert (batch[0] - batch.mean()) / torch.sqrt(sigma + 1e-5) == pytest.approx(1)
    row = check("inception-bn", "four_after_batch_norm")
    assert row.verdict is EXACT
    assert "variance itself" in row.why[0].en


@pytest.mark.parametrize("width", [2, 3])
def test_only_all_three_changes_mend_the_listing_of_batch_norm(width):
    """Three channels: two wide it fails or is wrong, three wide it is wrong without a word."""
    maps = torch.arange(12.0 * width).square().view(2, 3, 2, width)
    scale, shift = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.0, 1.0, 2.0])
    expected = F.batch_norm(maps, None, None, scale, shift, training=True)
    for count in range(len(REMEDIES)):
        for remedies in combinations(REMEDIES, count):
            try:
                result = listed_batch_norm(maps, scale, shift, remedies)
            except RuntimeError:
                assert width == 2
            else:
                assert not torch.allclose(result, expected, rtol=1e-3), remedies
    mended = listed_batch_norm(maps, scale, shift, REMEDIES)
    torch.testing.assert_close(mended, expected, rtol=1e-4, atol=1e-4)


def test_batch_norms_checks_stand_at_batch_norms_family():
    here = {one.compute for one in checks("inception-bn")}
    assert {"four_after_batch_norm", "steps_to_batch_norm", "remedies_of_the_listing"} <= here
    assert here >= {one.compute for one in checks("lenet") if "batch_norm" in one.compute}


@pytest.mark.parametrize(
    ("family", "compute", "full", "verdict"),
    [
        ("lenet", "last_of_a_true_convolution", "29", DIFFERENT),
        ("lenet", "first_convolution", "280", DIFFERENT),
        ("lenet", "rbf_without_bias", "840", DIFFERENT),
        ("lenet", "height_after_a_padded_5x5", "28", DIFFERENT),
        ("lenet", "four_after_batch_norm", "1", EXACT),
        ("lenet", "steps_to_batch_norm", "4", DIFFERENT),
        ("inception-bn", "remedies_of_the_listing", "3", DIFFERENT),
        ("lenet", "joined_steps_to_batch_norm", "3", EXACT),
        ("lenet", "c5_as_a_convolution", "48,120", EXACT),
        ("lenet", "rows_without_a_floor", "80.7", CUT),
        ("alexnet", "features_of_the_listed_alexnet", "36,864", DIFFERENT),
        ("vgg", "doublings_of_vgg", "3", DIFFERENT),
        ("alexnet", "macs_of_a_tower_beside_no_towers", "0.3", ROUNDED),
        ("nin", "density_of_a_1x1_beside_the_5x5", "0.22", DIFFERENT),
        ("nin", "pooled_blocks_of_nin", "3", DIFFERENT),
        ("nin", "pooled_map_of_ones", "1", DIFFERENT),
        ("googlenet", "pixels_that_a_1x1_sees", "1", DIFFERENT),
        ("googlenet", "activations_of_3a", "6", DIFFERENT),
        ("inception-bn", "share_not_negative_after_batch_norm", "50.0%", DIFFERENT),
        ("resnet", "largest_after_batch_norm", "3", DIFFERENT),
        ("resnet", "resnets_of_3_4_6_3", "2", DIFFERENT),
        ("resnet", "change_by_identity_layers", "0.0", DIFFERENT),
        ("resnet", "maps_joined_in_resnet", "0", DIFFERENT),
        ("densenet", "convolutions_after_batch_norm_and_relu", "119", DIFFERENT),
        ("densenet", "channels_after_two_layers_of_10", "23", EXACT),
        ("densenet", "channels_after_a_transition", "10", EXACT),
        ("densenet", "channels_added_by_a_block_of_d2l", "128", EXACT),
        ("lenet", "layers_that_fail_at_batch_1", "2", DIFFERENT),
        ("resnet", "first_best_paper_after_resnet", "2016", DIFFERENT),
        ("densenet", "maps_after_two_dense_layers", "3", DIFFERENT),
        ("googlenet", "inception_3a_params", "163,696", ROUNDED),
        ("googlenet", "one_3x3_params", "442,624", ROUNDED),
        ("googlenet", "one_3x3_macs", "346,816,512", CUT),
        ("googlenet", "one_5x5_params", "1,229,056", CUT),
        ("googlenet", "separable_stem_params", "2,800", ROUNDED),
        ("googlenet", "separable_stem_macs", "34,019,328", ROUNDED),
        ("resnet", "bottleneck", "70,016", EXACT),
        ("resnet", "two_wide_convolutions", "1,180,160", EXACT),
        ("resnet", "bottleneck_saving", "16.856", ROUNDED),
        ("densenet", "arcs_of_a_dense_block", "15", EXACT),
    ],
)
def test_sums_of_the_course(family, compute, full, verdict):
    cell = check(family, compute).cells["result"]
    assert (cell.full, cell.verdict) == (full, verdict)


def test_sums_that_are_fractions():
    """The three 3×3 against a 7×7, and AlexNet's lead, as fractions."""
    saved = COMPUTE["three_small_for_a_large"]()
    assert saved == Fraction(27, 49)
    assert parse_number("55.6%").verdict(saved) is DIFFERENT
    assert COMPUTE["lead_of_alexnet"]() == Fraction("10.9")


def test_what_the_reasons_on_nin_and_towers_count():
    """Counted by hand: maps of 26×26 with 96 and 256 channels; C2, C4 and C5 of AlexNet."""
    pixels = 26 * 26
    small = (256 * 256 * pixels, 2 * 256 * pixels + 257 * 256)
    large = (25 * 96 * 256 * pixels, (96 + 256) * pixels + (25 * 96 + 1) * 256)
    assert COMPUTE["density_of_a_1x1_beside_the_5x5"]() == Fraction(*small) / Fraction(*large)
    reason = check("nin", "density_of_a_1x1_beside_the_5x5").why[0].en
    nin, alexnet = (PRESETS[name] for name in ("nin-d2l", "alexnet-d2l"))
    for number in (
        f"{small[0] / small[1]:.0f} against {large[0] / large[1]:.0f} MACs",
        f"{nin.params / alexnet.params:.1%}".replace("%", " %"),
        f"{nin.macs / alexnet.macs:.0%}".replace("%", " %"),
    ):
        assert number in reason
    split = 25 * 96 * 256 * 27**2 + 9 * 384 * (384 + 256) * 13**2  # C2, C4 and C5 in one piece
    whole = PRESETS["alexnet-2012"].macs + split // 2
    tower = Fraction(PRESETS["alexnet-2012"].macs, 2)
    assert COMPUTE["macs_of_a_tower_beside_no_towers"]() == tower / whole
    note = check("alexnet", "macs_of_a_tower_beside_no_towers").why[0].en
    assert f"{float(tower) / 1e6:.0f} M against {whole / 1e6:,.0f} M" in note
