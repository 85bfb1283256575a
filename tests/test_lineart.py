"""The primitive operations on drawings, by their published numbers and by hand-computed examples."""

from __future__ import annotations

import numpy as np
import pytest

from s2p import lineart


def random_image(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def page_with_line(height: int = 32, width: int = 32, *, ink: int = 0) -> np.ndarray:
    page = np.full((height, width), 255, np.uint8)
    page[:, width // 2] = ink
    return page


def test_trunc8_truncates_and_clips():
    assert lineart.trunc8(np.array([-3.0, 0.99, 254.999, 300.0])).tolist() == [0, 0, 254, 255]


def test_luminance_swaps_the_weights_of_red_and_blue():
    red, green, blue = (np.zeros((1, 1, 3), np.uint8) for _ in range(3))
    red[..., 0] = green[..., 1] = blue[..., 2] = 255
    assert [int(lineart.luminance(image)[0, 0]) for image in (red, green, blue)] == [29, 150, 76]


def test_luminance_uses_14_bit_weights():
    # With the 15-bit weights of newer OpenCV versions some of these flat colours fall on the other side.
    image = random_image(64, 64, 3)
    first, second, third = (image[..., channel].astype(int) for channel in (2, 1, 0))
    expected = (4899 * first + 9617 * second + 1868 * third + 8192) // 16384
    assert (lineart.luminance(image) == expected).all()
    gray = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert (lineart.luminance(gray)[0] == np.arange(256)).all()


def test_channel_minimum_takes_any_pigment_for_line():
    image = random_image(9, 7, 3)
    assert (lineart.channel_minimum(image) == image.min(axis=2)).all()


@pytest.mark.parametrize("shape", [(8, 8), (9, 7), (1, 1), (3, 40), (9, 7, 3)])
@pytest.mark.parametrize("size", [2, 4])
def test_min_pool_keeps_the_darkest_and_fills_borders_with_paper(shape, size):
    image = random_image(*shape)
    pooled = lineart.min_pool(image, size)
    assert pooled.shape[:2] == (-(-shape[0] // size), -(-shape[1] // size))
    for row, column in np.ndindex(pooled.shape[:2]):
        block = image[row * size : (row + 1) * size, column * size : (column + 1) * size]
        assert (pooled[row, column] == block.min(axis=(0, 1))).all()


def test_stretch_truncates_to_the_table():
    values = np.arange(256, dtype=np.uint8)[None]
    expected = np.clip((values - 5.0) / 245.0 * 255.0, 0, 255).astype(np.uint8)
    assert (lineart.stretch(values) == expected).all()
    assert lineart.stretch(values)[0, [0, 5, 6, 250, 255]].tolist() == [0, 0, 1, 255, 255]


def test_boost_saturation_leaves_gray_alone_and_keeps_channel_order():
    gray = np.full((4, 4, 3), 90, np.uint8)
    assert (lineart.boost_saturation(gray) == gray).all()
    dull_red = np.full((4, 4, 3), (200, 150, 150), np.uint8)
    red, green, blue = lineart.boost_saturation(dull_red)[0, 0].tolist()
    assert red == 200 and green == blue and abs(green - 100) <= 1


def test_colourfulness_tells_scans_from_paintings():
    assert lineart.colorfulness(np.full((40, 30, 3), 77, np.uint8)) == 0.0
    assert lineart.colorfulness(np.full((40, 30, 3), (255, 0, 0), np.uint8)) == pytest.approx(14450.0)
    tinted = np.full((40, 30, 3), (250, 240, 230), np.uint8)
    assert lineart.colorfulness(tinted) == pytest.approx(200 / 3)


def test_gaussian_kernels_are_opencvs_fixed_tables():
    import cv2

    point = np.zeros((1, 15), np.uint8)
    point[0, 7] = 255
    tall = np.repeat(point, 15, axis=0)
    assert (cv2.GaussianBlur(tall, (3, 3), 0)[7, 6:9] == np.array([64, 128, 64])).all()
    expected = np.array([8, 28, 56, 72, 56, 28, 8]) * 255 / 256
    assert np.abs(cv2.GaussianBlur(tall, (7, 7), 0)[7, 4:11] - expected).max() <= 0.51


def test_pass_line_finds_lines_and_not_colours():
    painting = np.full((64, 64, 3), (230, 180, 90), np.uint8)
    painting[:, 32:] = (90, 180, 230)
    painting[20:22] = 10
    lines = lineart.pass_line(painting)
    assert lines[20:22, :28].max() < 30 and lines[40:60, :28].min() == 255


def test_blank_pages_stay_blank_instead_of_dividing_by_zero():
    for value in (0, 128, 255):
        flat = np.full((32, 48), value, np.uint8)
        with np.errstate(all="raise"):
            assert (lineart.mini_norm(flat) == 255).all()
            assert (lineart.hard_norm(flat) == 255).all()
            assert (lineart.pass_line(np.repeat(flat[..., None], 3, axis=2)) == 255).all()


def test_mini_norm_spreads_over_175_to_255():
    normed = lineart.mini_norm(page_with_line(ink=100))
    assert normed[0, 16] == 175 and normed[0, 0] == 255
    ramp = np.linspace(0, 255, 256).astype(np.uint8)[None]
    expected = (255.0 - 80.0 * (1.0 - ramp / 255.0)).astype(np.uint8)
    assert (lineart.mini_norm(ramp) == expected).all()


def test_hard_norm_is_black_on_white():
    normed = lineart.hard_norm(page_with_line(ink=120))
    assert set(np.unique(normed)) == {0, 255}
    assert (normed[:, 16] == 0).all() and (normed[:, :15] == 255).all()


def test_line_masks_follow_their_formulas():
    image, drawing = random_image(8, 8, 3), random_image(8, 8, seed=1)
    drawing[0, 0], drawing[0, 1] = 0, 255
    mask = (drawing / 255.0)[..., None]
    assert (lineart.whiten_lines(image, drawing) == (image * mask + 255 * (1 - mask)).astype(np.uint8)).all()
    assert (lineart.whiten_lines(image, drawing)[0, 0] == 255).all()
    red = lineart.emphasize_lines(image, drawing, (255, 10, 20))
    assert red[0, 0].tolist() == [255, 10, 20] and (red[0, 1] == image[0, 1]).all()


def test_emphasis_multiplies_in_float32_as_the_original_did():
    # White on white: in double arithmetic only 10 of the 256 possible masks would be truncated to 254.
    masks, white = np.arange(256, dtype=np.uint8)[None], np.full((1, 256, 3), 255, np.uint8)
    painted = lineart.emphasize_lines(white, masks, (255, 255, 255))
    assert int((painted[..., 0] == 254).sum()) == 159 and painted.min() == 254


def test_colour_flows_into_lines_one_pixel_a_time_and_changes_nothing_else():
    drawing = np.full((16, 17), 255, np.uint8)
    drawing[:, 8] = 0
    image = np.full((16, 17, 3), (200, 100, 50), np.uint8)
    image[:, 8] = 255
    once = lineart.blur_into_lines(image, drawing)
    many = lineart.blur_into_lines(image, drawing, times=16)
    assert (once[:, 9:] == image[:, 9:]).all()
    assert once[8, 8].tolist() == [(200 + 255) // 2 + 1, (100 + 255) // 2 + 1, (50 + 255) // 2 + 1]
    assert np.abs(many[8, 8].astype(int) - (200, 100, 50)).max() <= 1


def test_clip_15_is_float_and_not_quantised():
    clipped = lineart.clip_15(np.array([0, 15, 16, 240, 255], np.uint8))
    assert clipped.dtype == np.float64
    assert clipped.tolist() == pytest.approx([0, 0, 255 / 225, 255, 255])


@pytest.mark.parametrize("how", ["nlm", "fast"])
def test_denoise_removes_dust_and_keeps_colour_and_strokes(how):
    page = np.full((64, 64, 3), (250, 240, 200), np.uint8)
    page[30:34] = (10, 20, 60)
    dusty = (page + np.random.default_rng(0).normal(0, 3, page.shape)).clip(0, 255).astype(np.uint8)
    clean = lineart.denoise(dusty, how=how)
    before, after = (np.abs(image.astype(float) - page).mean() for image in (dusty, clean))
    assert after < 0.75 * before
    assert np.abs(clean[32, 32].astype(int) - page[32, 32]).max() <= 8
    assert np.abs(clean[10, 10].astype(int) - page[10, 10]).max() <= 8


def test_denoise_off_returns_the_picture():
    image = random_image(5, 5, 3)
    assert lineart.denoise(image, how="off") is image


def test_a_gray_scan_is_denoised_as_its_coloured_twin_would_be():
    """The short way for gray pictures gives the same bits as OpenCV's way for colours."""
    import cv2

    generator = np.random.default_rng(5)
    page = np.full((60, 70), 250, np.uint8)
    page[20:24] = page[:, 30:33] = 20
    noisy = np.clip(page + generator.normal(0, 6, page.shape), 0, 255).astype(np.uint8)
    for gray in (noisy, np.arange(4200, dtype=np.uint32).astype(np.uint8).reshape(60, 70)):
        image = np.repeat(gray[..., None], 3, axis=2)
        # back from Lab, the darkest grays are off by one in blue and red, so the order shows
        assert (lineart.denoise(image)[..., ::-1] == cv2.fastNlMeansDenoisingColored(image, None, 3, 3, 7, 21)).all()


def test_tones_become_paper_and_edges_stay():
    sketch = np.full((128, 192), 230, np.uint8)
    sketch[:, 96:] = 60  # a dark tone beside a light one
    sketch[:, 40:42] = 20  # a line
    sketch[:, 150:152] = 5  # a line in the dark tone
    walls = lineart.without_tones(sketch)
    assert (walls[:, 10:36] == 255).all() and (walls[:, 110:146] == 255).all()
    assert (walls[:, 40:42] < 40).all() and (walls[:, 97] < 90).all()
    assert (walls[:, 150:152] < 60).all()
    assert (lineart.without_tones(np.zeros((8, 8), np.uint8)) == 255).all()
